package simulation

import (
	"os"
	"strconv"
	"testing"
)

func TestPlants(t *testing.T) {
	keys, err := NewKeys()
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(os.Getenv("N"))
	plants := Plants()
	if only := os.Getenv("ONLY"); only != "" {
		plants = nil
		for _, p := range Plants() {
			if p.Name == only {
				plants = []Plant{p}
			}
		}
	}
	for _, p := range plants {
		sown, err := Sow(t.Context(), keys, []Plant{p}, n, 1)
		if err != nil {
			t.Fatal(err)
		}
		s := sown[0]
		t.Logf("%-30s %5d %-8s %.160s", s.Name, s.Worlds, s.Rule, s.Found)
	}
}
