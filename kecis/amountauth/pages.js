// The pages work without this. With it, keys of the keypad need no new page, and the
// time that is left counts down. It knows places of keys, not what they stand for.
"use strict";
(function () {
	var field = document.getElementById("pressed");
	var dots = document.getElementById("dots");
	var count = document.getElementById("count");
	if (field && dots && count) {
		field.form.addEventListener("click", function (event) {
			var key = event.target.closest("button");
			if (!key || (key.value !== "erase" && key.value.indexOf("press-") !== 0)) {
				return;
			}
			event.preventDefault();
			var places = field.value ? field.value.split(".") : [];
			if (key.value === "erase") {
				places.pop();
			} else if (places.length < 15) {
				places.push(key.value.slice(6));
			}
			field.value = places.join(".");
			dots.textContent = "●".repeat(places.length);
			count.textContent = String(places.length);
		});
	}

	var left = document.getElementById("left");
	var minutes = left && /\d+(?=분| minute)/.exec(left.textContent);
	if (minutes) {
		// By how long the page is open: the clock of the device may be wrong.
		var opened = performance.now();
		var text = left.textContent;
		setInterval(function () {
			var now = Math.max(0, Number(minutes[0]) - Math.floor((performance.now() - opened) / 60000));
			var shown = text.replace(minutes[0], String(now));
			if (left.textContent !== shown) {
				left.textContent = shown;
			}
		}, 5000);
	}
})();
