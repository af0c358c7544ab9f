"use strict";
// Makes the table of numbers sortable. Everything else on the page works without it.
(() => {
  const table = document.querySelector("table.numbers");
  if (!table) return;
  const body = table.tBodies[0];
  const original = [...body.rows];

  // "−3.4" is a number, "−1.0 → −3.4" sorts by where it ended, "110–220" by its lower edge.
  const key = (row, column) => {
    const text = row.cells[column].textContent.split("→").pop().trim();
    const number = parseFloat(text.replace("−", "-").replace("∞", "Infinity").replace("≤", ""));
    return Number.isNaN(number) ? text : number;
  };

  const compare = (a, b) => {
    if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b);
    return typeof a === "number" ? -1 : 1;
  };

  const next = { none: "ascending", ascending: "descending", descending: "none" };

  const sort = (heading, column) => {
    const order = next[heading.getAttribute("aria-sort") || "none"];
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    const rows = [...original];
    if (order !== "none") {
      const sign = order === "ascending" ? 1 : -1;
      rows.sort((a, b) => sign * compare(key(a, column), key(b, column)));
      heading.setAttribute("aria-sort", order);
    }
    table.classList.toggle("sorted", order !== "none");
    body.append(...rows);
  };

  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading, column));
    heading.append(button);
  });
})();
