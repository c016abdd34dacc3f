"use strict";
// Everything that a reader needs works without this script, but for the filters and the packed tests.
(() => {
  const report = document.getElementById("report");

  // Language: the style sheet shows the words of the chosen one; this tells the browser and a screen reader.
  const speak = () => {
    document.documentElement.lang = report.querySelector("input[name=ml302-language]:checked").value;
  };
  report.querySelectorAll("input[name=ml302-language]").forEach((radio) => radio.addEventListener("change", speak));
  speak();

  // Only problems: the style sheet hides what is none; here it is left out of what is counted.
  const problems = document.getElementById("ml302-problems");
  const SETTLED = new Set(["pass", "observed", "not-tested"]);

  // Filters of the requirements and of the tests.
  const sieves = [...report.querySelectorAll("form.sieve")].map((form) => {
    const list = document.getElementById(form.dataset.for);
    const items = [...list.querySelectorAll(".item")].map((item) => ({ item, text: item.textContent.toLowerCase() }));
    const boxes = [...form.querySelectorAll("input[type=checkbox]")];
    const search = form.querySelector("input[type=search]");
    const apply = () => {
      const refused = boxes.filter((box) => !box.checked);
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const { item, text } of items) {
        item.hidden =
          refused.some((box) => item.dataset[box.name] === box.value) || words.some((word) => !text.includes(word));
        count += !item.hidden && !(problems.checked && SETTLED.has(item.dataset.verdict));
      }
      for (const group of list.querySelectorAll(".group")) {
        group.hidden = !group.querySelector(".item:not([hidden])");
      }
      for (const place of form.querySelectorAll(".count")) place.textContent = count;
    };
    form.addEventListener("input", apply);
    problems.addEventListener("change", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.hidden = false;
    return { list, clear: () => (form.reset(), apply()) };
  });

  // Packed tests. Elements and attributes come from these lists and text stays text, so nothing of the module's can act.
  const TAGS = new Set(
    "a b caption code dd div dl dt em h4 i input label li mark ol p pre small span strong table tbody td th thead tr".split(" "),
  );
  const ATTRIBUTES = new Set("autocomplete checked colspan href id lang scope type".split(" "));
  const build = (node) => {
    if (typeof node === "string") return document.createTextNode(node);
    const [tag, ...classes] = node[0].split(".");
    if (!TAGS.has(tag)) throw new Error(`no such element in a report: ${tag}`);
    const element = document.createElement(tag);
    if (classes.length) element.className = classes.join(" ");
    for (const part of node.slice(1)) {
      if (typeof part === "string" || Array.isArray(part)) {
        element.append(build(part));
        continue;
      }
      for (const [name, value] of Object.entries(part)) {
        if (ATTRIBUTES.has(name) && (name !== "href" || value.startsWith("#"))) element.setAttribute(name, value);
      }
    }
    return element;
  };

  const chunks = [];
  let first = 0;
  for (const script of report.querySelectorAll("script.packed")) {
    chunks.push({ script, first, trees: null });
    first += Number(script.dataset.count);
  }
  const unpack = (script) => {
    const packed = Uint8Array.from(atob(script.textContent), (character) => character.charCodeAt(0));
    return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  };
  const fill = async (place) => {
    const index = Number(place.dataset.packed);
    delete place.dataset.packed;
    try {
      const chunk = chunks.findLast((candidate) => candidate.first <= index);
      chunk.trees ??= unpack(chunk.script);
      place.append(...(await chunk.trees)[index - chunk.first].map(build));
    } catch (problem) {
      const notice = document.getElementById("unreadable").cloneNode(true);
      notice.removeAttribute("id");
      notice.hidden = false;
      place.append(notice, ` (${problem.message})`);
    }
  };
  report.addEventListener(
    "toggle",
    ({ target }) => {
      const place = target.open && target.querySelector(":scope > [data-packed]");
      if (place) fill(place);
    },
    true,
  );

  // A link to something that is folded away or filtered out shows it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let outer = target.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
    if (target.closest("[hidden]")) sieves.find(({ list }) => list.contains(target))?.clear();
    if (problems.checked && !target.getClientRects().length) problems.click();
    target.scrollIntoView();
  };
  window.addEventListener("hashchange", reveal);
  reveal();
})();
