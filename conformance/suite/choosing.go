package suite

import (
	"path"
	"slices"

	"github.com/kecis/sdk/conformance"
)

// Cases returns the cases for an implementation of that role, flows first. names
// choose some: by their ID, by a pattern of path.Match ("reversal-*"), or by a
// clause; all, if nothing is named. unknown is the first name that fits no case.
func Cases(role conformance.Role, keys *conformance.Keyring, names ...string) (list []Case, unknown string, err error) {
	all := append(Flows(role), documents(role)...)
	for _, name := range names {
		if !slices.ContainsFunc(all, func(c Case) bool { return fits(&c, name) }) {
			return nil, name, nil
		}
	}
	for i := range all {
		c := &all[i]
		if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return fits(c, name) }) {
			continue
		}
		if c.offered != nil {
			if shown, err := c.offered(keys); err != nil || !shown {
				if err != nil {
					return nil, "", err
				}
				continue
			}
		}
		list = append(list, *c)
	}
	return list, "", nil
}

func fits(c *Case, name string) bool {
	ok, err := path.Match(name, c.ID)
	return err == nil && ok || slices.Contains(c.Clauses, name)
}
