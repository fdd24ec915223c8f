// Reads P1 telegrams from the port that the page may use. Posts the power in each telegram when its last byte arrives.

(async () => {
  const [port] = await navigator.serial.getPorts();
  await port.open({ baudRate: 115200 });
  const reader = port.readable.getReader();
  const decoder = new TextDecoder("latin1");
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += decoder.decode(value);
    const end = /!....\r\n/.exec(text);
    if (end) {
      postMessage(/1-0:1\.7\.0\(([0-9.]+)/.exec(text)?.[1] ?? "–");
      text = text.slice(end.index + end[0].length);
    }
  }
})();
