const chosen = document.getElementById("ml302-" + location.hash.slice(1));
if (chosen) chosen.checked = true;
addEventListener("click", (event) => {
  const link = event.target.closest("a.page");
  if (link) link.hash = document.querySelector("input[name=ml302-language]:checked").value;
});
