// A choice that decides which fields there are shows them at once. Without this a button does.

const form = document.getElementById("build");
const reshape = form.querySelector(".reshape");
document.documentElement.classList.add("scripted");

form.addEventListener("change", (event) => {
  if (!event.target.matches("[data-reshapes]")) return;
  const at = document.createElement("input");
  Object.assign(at, { type: "hidden", name: "at", value: event.target.id });
  form.append(at);
  form.requestSubmit(reshape);
});
