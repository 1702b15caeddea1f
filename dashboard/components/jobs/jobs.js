const UNMEASURED = ["waiting for another process", "starting", "loading the models", "joining what was seen", "writing"];

function row(send) {
  const name = make("span", { className: "name" }), fill = make("i"), bar = make("div", { className: "bar" }, fill);
  const facts = make("span", { className: "facts" }), does = make("div", { className: "does" }), said = make("p", { className: "said" });
  bar.setAttribute("role", "progressbar");
  const node = make("li", {}, name, bar, facts, does, said);
  let acts = "";
  return {
    node,
    draw(job) {
      const busy = job.state === "running" && UNMEASURED.includes(job.facts[0]);
      node.className = `${job.state}${busy ? " busy" : ""}${job.share || job.state === "running" ? "" : " unbegun"}`;
      name.textContent = name.title = job.name;
      fill.style.width = `${100 * job.share}%`;
      bar.setAttribute("aria-label", `Progress of ${job.name}`);
      bar.setAttribute("aria-valuenow", String(Math.round(100 * job.share)));
      facts.textContent = job.facts.join(" · ");
      said.textContent = job.said;
      said.hidden = !job.said;
      const now = JSON.stringify(job.acts);
      if (acts === now) return;
      acts = now;
      does.replaceChildren(...job.acts.map(([kind, words]) => {
        const button = make("button", { type: "button", className: "plain", textContent: words });
        button.setAttribute("aria-label", `${words} ${job.name}`);
        button.addEventListener("click", () => send()(kind, { job: job.id }));
        return button;
      }));
    },
  };
}

const panels = new WeakMap();

export default function (component) {
  const { parentElement, data } = component;
  if (!panels.has(parentElement)) panels.set(parentElement, { rows: new Map(), send: null });
  const panel = panels.get(parentElement), list = parentElement.querySelector(".jobs");
  panel.send = sender(component);
  parentElement.querySelector("h2").textContent = data.title;
  const now = new Set(data.jobs.map((job) => job.id));
  for (const [id, held] of panel.rows) if (!now.has(id)) { held.node.remove(); panel.rows.delete(id); }
  data.jobs.forEach((job, place) => {
    if (!panel.rows.has(job.id)) panel.rows.set(job.id, row(() => panel.send));
    const held = panel.rows.get(job.id);
    if (list.children[place] !== held.node) list.insertBefore(held.node, list.children[place] ?? null);
    held.draw(job);
  });
  parentElement.querySelector(".more").textContent = data.more ? `and ${data.more.toLocaleString("en")} more` : "";
}
