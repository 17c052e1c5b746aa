// Behaviour that every page shares: the theme switch and copying code.

const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function currentTheme() {
  return root.dataset.theme ?? (systemIsDark.matches ? "dark" : "light");
}

function keep(theme) {
  try {
    if (theme === null) localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch {
    // Where storage is forbidden the choice lasts as long as the page.
  }
}

function switchTheme() {
  const wanted = currentTheme() === "dark" ? "light" : "dark";
  // Choosing what the system prefers means following the system again.
  const followsSystem = (wanted === "dark") === systemIsDark.matches;
  if (followsSystem) delete root.dataset.theme;
  else root.dataset.theme = wanted;
  keep(followsSystem ? null : wanted);
}

const themeButton = document.getElementById("theme");
themeButton.hidden = false;
themeButton.addEventListener("click", switchTheme);

const announcer = document.createElement("p");
announcer.className = "unseen";
announcer.setAttribute("role", "status");
document.body.append(announcer);

async function copy(button, code) {
  let outcome = "Copied";
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    // Refused, or no secure context: select the text, so that the reader's own copy command finds it.
    getSelection().selectAllChildren(code);
    outcome = "Press Ctrl+C";
  }
  button.textContent = outcome;
  announcer.textContent = outcome;
  setTimeout(() => (button.textContent = "Copy"), 1600);
}

for (const block of document.querySelectorAll(".code")) {
  const code = block.querySelector("code");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", () => copy(button, code));
  block.append(button);
}
