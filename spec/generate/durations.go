package main

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"time"
)

// timeOnly gives the type checker the package time with its units, which is all
// that limits need of other packages.
type timeOnly struct{}

// Import implements types.Importer.
func (timeOnly) Import(path string) (*types.Package, error) {
	if path != "time" {
		return nil, fmt.Errorf("%s: not looked at", path)
	}
	pkg := types.NewPackage("time", "time")
	name := types.NewTypeName(token.NoPos, pkg, "Duration", nil)
	named := types.NewNamed(name, types.Typ[types.Int64], nil)
	pkg.Scope().Insert(name)
	for unit, d := range map[string]time.Duration{
		"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
		"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
	} {
		pkg.Scope().Insert(types.NewConst(token.NoPos, pkg, unit, named, constant.MakeInt64(int64(d))))
	}
	pkg.MarkComplete()
	return pkg, nil
}

// duration writes a time.Duration for people: "5 minutes".
func duration(v constant.Value) string {
	n, exact := constant.Int64Val(v)
	if !exact {
		return v.ExactString()
	}
	d := time.Duration(n)
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= unit.length && d%unit.length == 0 {
			count := int64(d / unit.length)
			if count == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", count, unit.name)
		}
	}
	return d.String()
}
