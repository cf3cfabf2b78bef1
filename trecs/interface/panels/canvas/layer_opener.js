// Layers from elsewhere, by the button or dropped on the page. In scope: element, trigger (from Gradio) and
// the file layer_files.js.

const input = element.querySelector("input");
const status = element.querySelector("[role=status]");

async function open(files) {
  status.textContent = "";
  if (!files.length) return;
  try {
    trigger("layers", { files: await packedLayers(files) });
  } catch (error) {
    status.textContent = error.message;
  }
}

element.querySelector("button").addEventListener("click", () => input.click());
input.addEventListener("change", async () => {
  await open([...input.files]);
  input.value = "";
});
document.addEventListener("trecs-layers", ({ detail }) => open(detail));
