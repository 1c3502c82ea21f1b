package foreign

import (
	"fmt"
	"os"
)

// AxeScript returns axe-core, which is run inside a page and finds what keeps people
// from using it.
func AxeScript() (string, error) {
	file, err := sourceFile("node", "package.json")
	if err != nil {
		return "", err
	}
	script := file[:len(file)-len("package.json")] + "node_modules/axe-core/axe.min.js"
	text, err := os.ReadFile(script)
	if err != nil {
		return "", fmt.Errorf("%w (npm ci --ignore-scripts in conformance/foreign/node)", err)
	}
	return string(text), nil
}

func findAxeCore() error {
	_, err := AxeScript()
	return err
}

// findNSSTools looks for what writes the store of certificates that Chromium has.
func findNSSTools() error {
	for _, name := range []string{"certutil", "pk12util"} {
		if err := findCommand(name, "libnss3-tools"); err != nil {
			return err
		}
	}
	return nil
}
