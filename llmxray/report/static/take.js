// Tables and pictures to take along: a small menu below each. Nothing leaves the page.
const { all, el } = llmxray.dom;

const FORMS = {
  CSV: (rows) =>
    rows.map((row) => row.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)).join(",")).join("\n"),
  Markdown: (rows) =>
    [rows[0], rows[0].map(() => "---"), ...rows.slice(1)].map((row) => `| ${row.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`).join("\n"),
  LaTeX: (rows) => {
    const line = (row) => `${row.map((cell) => cell.replace(/\\/g, "\\textbackslash ").replace(/[&%$#_{}]/g, "\\$&")).join(" & ")} \\\\`;
    return [`\\begin{tabular}{l${"r".repeat(rows[0].length - 1)}}`, "\\toprule", line(rows[0]), "\\midrule", ...rows.slice(1).map(line), "\\bottomrule", "\\end{tabular}"].join("\n");
  },
};

module.exports = { FORMS };
if (typeof document === "object") {
  /** The rows of a table as they are read: a cell's small print stands behind its value. */
  function rowsOf(table) {
    const shown = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
    return [...table.rows].map((row) => [...row.cells].filter((cell) => cell.offsetParent).map(shown));
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A page from disk may be refused the clipboard.
      const field = el("textarea", {});
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  }

  function save(address, name) {
    el("a", { href: address, download: name }).click();
  }

  /** A picture that stands alone, with its computed styles: a class for each set of them. */
  function drawn(figure) {
    const box = figure.getBoundingClientRect();
    const [width, height] = [box.width + 32, box.height + 32];
    const clone = figure.cloneNode(true);
    const from = [figure, ...figure.querySelectorAll("*")];
    const bare = figure.appendChild(el("i", {}));
    bare.style.all = "initial";
    const initial = getComputedStyle(bare);
    const classes = new Map();
    for (const [at, node] of [clone, ...clone.querySelectorAll("*")].entries()) {
      const style = getComputedStyle(from[at]);
      const own = [...style].filter((name) =>
        !/^-|(^|-)(inline|block)-|origin$/.test(name) && style.getPropertyValue(name) !== initial.getPropertyValue(name));
      const text = [
        node instanceof SVGElement ? `overflow:${style.overflow}` : "all:initial",
        ...own.map((name) => `${name}:${style.getPropertyValue(name)}`),
      ].join(";");
      if (!classes.has(text)) classes.set(text, `c${classes.size}`);
      node.setAttribute("class", classes.get(text));
      node.removeAttribute("href");
    }
    bare.remove();
    for (const menu of all(".take", clone)) menu.remove();
    clone.setAttribute("xmlns", "http://www.w3.org/1999/xhtml");
    const inside = new XMLSerializer().serializeToString(clone);
    const styles = [...classes].map(([text, name]) => `.${name}{${text.replace(/[<&]/g, "")}}`).join("\n");
    const ground = getComputedStyle(document.documentElement).backgroundColor;
    return {
      width, height,
      text: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><style>${styles}</style><rect width="100%" height="100%" fill="${ground}"/><foreignObject x="16" y="16" width="${box.width}" height="${box.height}">${inside}</foreignObject></svg>`,
    };
  }

  const addressOf = (text) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;

  function savePng({ width, height, text }, name) {
    const image = new Image();
    image.onload = () => {
      const canvas = el("canvas", { width: 2 * width, height: 2 * height });
      canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
      save(canvas.toDataURL("image/png"), name);
    };
    image.src = addressOf(text);
  }

  /** A menu of what can be done; its word says when it was. */
  function menuOf(word, choices) {
    const menu = el("details", { class: "menu take" }, el("summary", {}, word));
    const list = el("div", { class: "menu-list" });
    for (const [name, act] of Object.entries(choices)) {
      const button = el("button", { type: "button" }, name);
      button.addEventListener("click", async () => {
        await act();
        menu.open = false;
        menu.firstChild.textContent = "Done";
        setTimeout(() => (menu.firstChild.textContent = word), 1500);
      });
      list.append(button);
    }
    menu.append(list);
    return menu;
  }

  const bibtex = all("meta[name=bibtex]")[0]?.content;
  const isOnline = location.protocol.startsWith("http");
  /** Where the page stands, or will stand. */
  const here = isOnline ? location.origin + location.pathname : `https://YOUR-SITE/${location.pathname.split("/").slice(-2).join("/")}`;

  /** The numbers of a picture: what its marks say to those who point or listen, and what stands beside them. */
  function dataOf(figure) {
    const rows = [...figure.querySelectorAll("title, .sr")].map((mark) => {
      const beside = mark.closest("tr")?.querySelectorAll("td:not(.share)") || [];
      const head = mark.closest("tbody, figure")?.querySelector("[scope=rowgroup], figcaption h2")?.firstChild.textContent || "";
      return [head, ...mark.textContent.split(/: (?=[^:]*$)/), ...[...beside].map((cell) => cell.innerText)];
    });
    const more = all("thead th", figure).slice(1).map((cell) => cell.innerText);
    return rows.length ? [["group", "mark", "value", ...more], ...rows] : null;
  }

  /** Only this figure, for the frame of another page. */
  function alone(figure) {
    for (let node = figure; node !== document.body; node = node.parentElement) {
      for (const other of node.parentElement.children) other.hidden ||= other !== node;
    }
  }

  for (const table of all("table:is(.data, .dense, .heat, .runs)")) {
    const forms = Object.entries(FORMS).map(([name, form]) => [name, () => copy(form(rowsOf(table)))]);
    (table.closest(".scroll") || table).after(menuOf("Copy", Object.fromEntries(forms)));
  }
  // Small pictures side by side are one. One of several samples is no picture of its own.
  const groupOf = (figure) =>
    [...figure.parentElement.children].every(({ tagName }) => tagName === "FIGURE") ? figure.parentElement : figure;
  const figures = all("figure:not(.one)").filter((figure) => figure.querySelector("svg")).map(groupOf);
  for (const [at, figure] of [...new Set(figures)].entries()) {
    const name = `${document.title.split(" ·")[0].replace(/[^\p{L}\p{N}]+/gu, "-").slice(0, 60)}-${at + 1}`;
    figure[figure.tagName === "FIGURE" ? "append" : "after"](menuOf("Save", {
      PNG: () => savePng(drawn(figure), `${name}.png`),
      ...(dataOf(figure) && { Data: () => copy(FORMS.CSV(dataOf(figure))) }),
      SVG: () => save(addressOf(drawn(figure).text), `${name}.svg`),
      Embed: () => copy(`<iframe src='${here}?figure=${at + 1}' title='${name}' width='100%' height='${Math.ceil(figure.offsetHeight) + 32}' style='border: 0'></iframe>`),
      ...(bibtex && { Cite: () => copy(isOnline ? bibtex.replace(/\n}$/, `,\n  url = {${here}}\n}`) : bibtex) }),
    }));
    if (new URLSearchParams(location.search).get("figure") === String(at + 1)) alone(figure);
  }
}
