const REPEAT_MS = 10_000, MOST_REPEATED = 20;
const sentBefore = new WeakMap(); // element -> events
let lastNumber = 0;
// The number makes two equal events different, also after a reload. Of several that come while the
// server works Streamlit keeps one: each says again what was sent shortly before.
function sender({ parentElement, setTriggerValue }) {
  return (kind, more = {}) => {
    lastNumber = Math.max(lastNumber + 1, Date.now());
    const act = { n: lastNumber, kind, ...more };
    const earlier = (sentBefore.get(parentElement) ?? []).filter(({ n }) => act.n - n < REPEAT_MS).slice(-MOST_REPEATED);
    sentBefore.set(parentElement, [...earlier, act]);
    setTriggerValue("act", { ...act, earlier });
  };
}
