// The labels on the canvas, largest share first; each is a button to paint with it.

function legendItems(map, colours, nameOf) {
  return shares(map).map(({ label: value, share }) => {
    const item = document.createElement("button");
    item.type = "button";
    item.dataset.label = value;
    const colour = document.createElement("i");
    colour.style.background = colours[value];
    const percent = document.createElement("small");
    percent.textContent = share < 0.005 ? "<1%" : `${Math.round(share * 100)}%`;
    item.append(colour, nameOf(value), percent);
    item.title = texts("canvas.legend_title", { label: nameOf(value) });
    return item;
  });
}
