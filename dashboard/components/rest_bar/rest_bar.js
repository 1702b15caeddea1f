
export default function (component) {
  const { parentElement, data } = component, send = sender(component);
  const $ = (found) => parentElement.querySelector(found);
  $("h2").textContent = data.title;
  $(".sentence").textContent = data.sentence;
  $(".sentence").classList.toggle("wrong", data.wrong);
  $(".told").textContent = data.told;
  const act = (label, kind, title) => {
    const button = make("button", { type: "button", className: "plain", textContent: label, title });
    button.addEventListener("click", () => send(kind, { key: data.key }));
    return button;
  };
  const many = data.count.toLocaleString("en");
  $(".acts").replaceChildren(...(data.key ? [
    act(data.count === 1 ? "Label it too" : `Label all ${many}`, "all", "They get the label as well"),
    act("Show on the maps", "select", "Select them"),
  ] : []), act("Done", "end", "Close this list"));
}
