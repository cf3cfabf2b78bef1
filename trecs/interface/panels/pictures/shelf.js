// Every picture of the page on a shelf: each is a PNG that carries all it is made of. In scope:
// element, props, trigger, watch (from Gradio) and the file shelf_store.js.

const find = (name) => element.querySelector(`.shelf-${name}`);
const act = (name) => element.querySelector(`[data-act=${name}]`);
const store = new ShelfStore();
let items = [];
const chosen = new Set(); // of items, to be compared

function say(message) {
  find("told").textContent = message;
}

function draw() {
  items.sort((a, b) => b.saved - a.saved);
  find("list").replaceChildren(...items.map(card));
  element.querySelector(".nothing").hidden = items.length > 0;
  act("compare").disabled = chosen.size !== 2;
  act("empty").disabled = items.every((item) => item.starred);
}

function button(text, label, press, pressed) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: text, title: label, ariaLabel: label });
  if (pressed !== undefined) made.setAttribute("aria-pressed", String(pressed));
  made.addEventListener("click", press);
  return made;
}

function card(item) {
  const place = document.createElement("li");
  const when = new Date(item.saved).toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "medium" });
  const back = button("", texts("shelf.back", { when }), () => bringBack(item));
  const image = Object.assign(document.createElement("img"), { src: item.uri, alt: "" });
  back.append(image);
  const acts = document.createElement("div");
  acts.append(
    button("\u2605", texts("shelf.keep"), () => star(item), item.starred),
    button("\u21c4", texts("shelf.choose"), () => choose(item), chosen.has(item)),
    button("\u2715", texts("shelf.delete"), () => remove([item])),
  );
  place.append(back, acts);
  return place;
}

function bringBack(item) {
  say("");
  document.dispatchEvent(new CustomEvent("trecs-picture", { detail: item.uri.split(",")[1] }));
}

async function star(item) {
  item.starred = !item.starred;
  draw();
  await store.put(item);
}

function choose(item) {
  if (!chosen.delete(item)) chosen.add(item);
  if (chosen.size > 2) chosen.delete(chosen.values().next().value);
  draw();
}

async function remove(some) {
  items = items.filter((item) => !some.includes(item));
  for (const item of some) chosen.delete(item);
  draw();
  for (const item of some) await store.remove(item);
}

async function add(uri) {
  await read; // or it would be twice on the shelf
  if (!uri || items.some((item) => item.uri === uri)) return;
  const saved = Math.max(Date.now(), ...items.map((item) => item.saved + 1));
  const item = { saved, uri, starred: false };
  items.push(item);
  draw();
  await store.put(item);
  const gone = surplus(items);
  await remove(gone);
  if (!store.lasting) say(texts("shelf.unkept"));
  else if (gone.length) say(texts("shelf.full", { most: MOST_PICTURES }));
}

const read = store.all().then((kept) => {
  items = (kept ?? []).filter(({ saved, uri }) => saved && String(uri).startsWith("data:image/png;base64,"));
  draw();
});

element.addEventListener("click", ({ target }) => {
  const name = target.closest("[data-act]")?.dataset.act;
  const pair = find("pair");
  if (name === "pictures") trigger("pictures");
  else if (name === "layouts") trigger("layouts");
  else if (name === "empty") remove(items.filter((item) => !item.starred));
  else if (name === "close") pair.close();
  else if (name === "compare") {
    const images = [...chosen].map(({ uri }) => Object.assign(document.createElement("img"), { src: uri, alt: "" }));
    pair.firstElementChild.replaceChildren(...images);
    pair.showModal();
  }
});

// The page shows another picture; its panel may be made anew, so that the whole page is watched.
let seen = "";
new MutationObserver(() => {
  const shown = document.querySelector(".picture img")?.src ?? "";
  if (shown !== seen) add((seen = shown));
}).observe(document.body, { childList: true, subtree: true, attributeFilter: ["src"] });
watch("value", () => JSON.parse(props.value || "[]").forEach(add));
