
"use strict";
// Adds sorting, a filter and pages to each table; only the rows of the page are in the document. Without it: a plain table.
(() => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  const keyOf = (cell, numeric) => {
    const text = cell.dataset.v ?? cell.textContent;
    if (text === "-") return null;
    return numeric ? Number(text) : text;
  };

  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));

  const enliven = (grid) => {
    const body = grid.querySelector("tbody");
    const heads = [...grid.querySelectorAll("th")];
    const size = Number(grid.dataset.rows);
    let all = [...body.rows];
    let page = 0;
    const words = new Map(all.map((row) => [row, [...row.cells].map((cell) => cell.textContent).join("\n").toLowerCase()]));

    const filter = make("input", { type: "search" });
    filter.setAttribute("aria-label", `Filter the rows of ${grid.dataset.name}`);
    const status = make("span");
    status.setAttribute("role", "status");
    const back = make("button", { type: "button", textContent: "Previous" });
    const on = make("button", { type: "button", textContent: "Next" });
    const controls = make("div", { className: "controls" }, make("label", {}, "Filter ", filter), status, back, on);

    const show = () => {
      const wanted = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      const found = all.filter((row) => wanted.every((word) => words.get(row).includes(word)));
      const last = Math.max(0, Math.ceil(found.length / size) - 1);
      page = Math.min(Math.max(page, 0), last);
      const seen = found.slice(page * size, (page + 1) * size);
      body.replaceChildren(...seen);
      const from = found.length ? page * size + 1 : 0;
      const whole = found.length === all.length ? `${all.length}` : `${found.length} found (${all.length} in all)`;
      status.textContent = `rows ${from} to ${page * size + seen.length} of ${whole}`;
      back.disabled = page === 0;
      on.disabled = page === last;
      back.hidden = on.hidden = last === 0;
    };

    const sort = (head) => {
      const column = heads.indexOf(head);
      const descending = head.getAttribute("aria-sort") === "ascending";
      const numeric = head.classList.contains("n");
      const keys = new Map(all.map((row) => [row, keyOf(row.cells[column], numeric)]));
      all.sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        if (x === null || y === null) return (x === null) - (y === null);
        return descending ? compare(y, x) : compare(x, y);
      });
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      page = 0;
      show();
    };

    for (const head of heads) {
      const button = make("button", { type: "button", textContent: head.textContent });
      button.addEventListener("click", () => sort(head));
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
    }
    filter.addEventListener("input", () => { page = 0; show(); });
    back.addEventListener("click", () => { page -= 1; show(); });
    on.addEventListener("click", () => { page += 1; show(); });
    addEventListener("beforeprint", () => body.replaceChildren(...all));
    addEventListener("afterprint", show);
    if (all.length > 8) grid.prepend(controls);
    show();
  };

  document.querySelectorAll(".grid").forEach(enliven);
})();
