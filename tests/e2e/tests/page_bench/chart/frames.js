// Records when the page handles an input, when it draws the curve, and when the frames with these changes end.
//
// The browser handles moves and turns of the wheel at the beginning of a frame. So the time from there to the end of
// the frame is the page's own work, without the wait for the frame.
(() => {
    const CURVES = '.panel[data-curve] canvas, .uplot canvas';
    const now = () => performance.now();
    const afterThis = (then) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = then;
        port2.postMessage(0);
    };
    const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
    const bench = {
        kind: null,
        inputs: [],
        draws: [],
        last: 0,
        // When the engine was ready, and when the frame with the last change of the watched element ended.
        ready: null,
        changed: null,
        // The time in view, as text.
        range: () => document.querySelector('[data-span]')?.dataset.span,
        // Called after each frame with an input.
        framed: () => {},
        record(kind) {
            Object.assign(bench, { kind, inputs: [], draws: [], before: bench.range() });
        },
        // Waits until the last frame has ended and nothing has been drawn for a while.
        async settled(quiet = 250) {
            bench.last = now();
            while (now() - bench.last < quiet || bench.inputs.some(({ ended }) => ended === null)) {
                await pause(quiet / 5);
            }
        },
        // The duration of each recorded frame. With `isMoving`, only of frames that show another time than the frame
        // before.
        async frames(isMoving, quiet) {
            await bench.settled(quiet);
            let { before } = bench;
            const counts = ({ range }) => {
                const isNew = range !== before;
                before = range;
                return isNew || !isMoving;
            };
            return bench.inputs.filter(counts).map(({ began, ended }) => ended - began);
        },
        watch(selector) {
            new MutationObserver(() => {
                bench.last = now();
                requestAnimationFrame(() => afterThis(() => { bench.changed = now(); }));
            }).observe(document.querySelector(selector), { subtree: true, childList: true });
        },
        // Adds a button above everything else. A click removes the button and calls the function.
        button(act) {
            const button = document.createElement('button');
            button.id = 'bench-button';
            button.textContent = 'bench';
            Object.assign(button.style, { position: 'fixed', left: '0', top: '0', zIndex: '2000' });
            button.onclick = () => {
                button.remove();
                act();
            };
            document.body.append(button);
        },
    };
    globalThis.bench = bench;
    const note = (event) => {
        if (event.type !== bench.kind) { return; }
        const input = { began: now(), ended: null, range: null };
        bench.inputs.push(input);
        requestAnimationFrame(() => afterThis(() => {
            Object.assign(input, { ended: now(), range: bench.range() });
            bench.framed();
        }));
    };
    for (const kind of ['pointerdown', 'pointermove', 'wheel', 'click', 'change']) {
        addEventListener(kind, note, { capture: true, passive: true });
    }
    new MutationObserver(() => {
        bench.ready ??= document.body?.dataset.engine === 'ready' ? now() : null;
    }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-engine'] });
    // Plotters, which draws the charts of History, and uPlot clear a canvas before they draw on it.
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        bench.last = now();
        if (this.canvas.matches(CURVES)) {
            // The description says between which values the curve is, once there are values.
            const draw = { hasCurve: /\d/.test(this.canvas.ariaLabel ?? ''), ended: null };
            bench.draws.push(draw);
            afterThis(() => { draw.ended = now(); });
        }
        clearRect.apply(this, box);
    };
})();
