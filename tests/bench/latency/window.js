// Shows what the worker reads, in one text node.

const { firstChild: number } = document.querySelector("p");
new Worker("worker.js").onmessage = ({ data }) => {
  number.data = data;
};
