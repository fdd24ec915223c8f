// uPlot with the same readings, in place of the screen. It is moved and zoomed as History is.
(style, width, height) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets.push(sheet);
    const box = document.createElement('div');
    Object.assign(box.style, {
        position: 'fixed', left: '0', top: '40px', width: `${width}px`, background: 'white', zIndex: '1000',
    });
    document.body.append(box);
    const file = document.createElement('input');
    file.id = 'bench-readings';
    file.type = 'file';
    box.append(file);
    let times, values, plot, grip, fed;

    const first = (moment) => {
        let [low, high] = [0, times.length];
        while (low < high) {
            const middle = (low + high) >> 1;
            if (times[middle] < moment) { low = middle + 1; } else { high = middle; }
        }
        return low;
    };
    // The lowest and the highest value of each column, over twice the time in view: what History asks its engine for.
    const columns = (from, to) => {
        const half = (to - from) / 2, start = from - half, count = width * 2, step = (to - from) * 2 / count;
        const [at, lowest, highest] = [[], [], []];
        for (let column = 0, place = first(start); column < count; column += 1) {
            let [low, high] = [Infinity, -Infinity];
            for (const end = start + step * (column + 1); times[place] < end; place += 1) {
                low = Math.min(low, values[place]);
                high = Math.max(high, values[place]);
            }
            if (low <= high) {
                at.push(start + step * (column + 0.5));
                lowest.push(low);
                highest.push(high);
            }
        }
        return { from: start, to: to + half, step, data: [at, lowest, highest] };
    };
    const range = () => [plot.scales.x.min, plot.scales.x.max];
    const look = ([min, max]) => plot.setScale('x', { min, max });
    const feed = (columns, seen) => {
        fed = columns;
        plot.batch(() => { plot.setData(fed.data, false); look(seen); });
    };
    // Computes new columns when History would ask its engine for new ones.
    const refresh = () => {
        if (!fed || !plot) { return; }
        const [from, to] = range(), by = fed.step / ((to - from) / width);
        if (from < fed.from || to > fed.to || by < 0.6 || by >= 1.7) { feed(columns(from, to), [from, to]); }
    };
    const share = (event) => (event.clientX - plot.over.getBoundingClientRect().left) / plot.over.clientWidth;
    const peer = {
        async load() {
            const numbers = new Float64Array(await file.files[0].arrayBuffer());
            times = numbers.subarray(0, numbers.length / 2);
            values = numbers.subarray(numbers.length / 2);
            file.remove();
            return times.length;
        },
        // Prepares what `open` needs, and removes the previous chart.
        prepare(isRaw, from, to) {
            plot?.destroy();
            plot = null;
            peer.next = isRaw ? null : columns(from, to);
        },
        open(from, to) {
            fed = peer.next;
            const line = { stroke: '#1c6', width: 1.5, label: 'W' };
            plot = new uPlot({
                width, height,
                cursor: { drag: { x: false, y: false } },
                scales: { x: { min: from, max: to } },
                series: fed ? [{}, line, { ...line }] : [{}, line],
                bands: fed ? [{ series: [2, 1], fill: 'rgba(20, 200, 100, 0.25)' }] : [],
            }, fed ? fed.data : [times, values], box);
            look([from, to]);
            plot.over.addEventListener('pointerdown', (event) => { grip = { x: share(event), seen: range() }; });
            plot.over.addEventListener('pointermove', (event) => {
                if (!(event.buttons & 1)) { return; }
                const { x, seen: [from, to] } = grip, by = (x - share(event)) * (to - from);
                look([from + by, to + by]);
            });
            plot.over.addEventListener('wheel', (event) => {
                event.preventDefault();
                if (peer.jump) { peer.jump(); return; }
                const [from, to] = range(), by = Math.exp(event.deltaY * 0.002);
                const around = from + (to - from) * share(event);
                look([around - (around - from) * by, around + (to - around) * by]);
            });
        },
        // The next turn of the wheel goes to this time, whose columns are ready.
        jumpTo(from, to) {
            const ready = fed && columns(from, to);
            peer.jump = () => (ready ? feed(ready, [from, to]) : look([from, to]));
        },
        // The wheel zooms again.
        stay() {
            peer.jump = null;
        },
    };
    bench.peer = peer;
    bench.range = () => (plot ? range().join('/') : null);
    // The engine computes columns in a worker. Here, they are computed between the timed frame and the next input.
    bench.framed = refresh;
}
