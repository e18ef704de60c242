// Where there is room beside the film, its words stand there.
if (matchMedia("(min-width: 1160px)").matches) document.querySelectorAll("[data-beside]").forEach((words) => { words.open = true; });
