const chosen = document.getElementById("lang-" + location.hash.slice(1));
if (chosen) chosen.checked = true;
addEventListener("click", (event) => {
  const link = event.target.closest("a.page");
  if (link) link.hash = document.querySelector(".language:checked").id.slice("lang-".length);
});
