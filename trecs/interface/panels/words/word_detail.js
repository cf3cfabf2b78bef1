// Below the words: what the one under the pointer or the focus could also have meant.

function tellWord(event) {
  const word = event.target.closest?.("[data-top]");
  if (!word) return;
  const name = document.createElement("b");
  name.textContent = word.textContent;
  element.querySelector(".word-detail")?.replaceChildren(name, ` ${word.dataset.top}`);
}

element.addEventListener("pointerover", tellWord);
element.addEventListener("focusin", tellWord);
