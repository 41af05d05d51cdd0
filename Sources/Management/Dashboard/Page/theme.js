// Runs before the page is drawn, so that a chosen theme doesn't flash up as the other one.
try {
  const theme = localStorage.getItem("paddler-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's theme it is.
}
