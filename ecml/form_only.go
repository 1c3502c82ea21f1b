package ecml

// FormOnly stands for an element towards the form codec, though XML has none.

func (o *FormOnly) attr(name string) ref {
	switch name {
	case "DeviceID":
		return ref{plain: &o.DeviceID}
	case "DeviceType":
		return ref{plain: &o.DeviceType}
	case "Gender":
		return ref{plain: &o.Gender}
	case "BirthDay":
		return ref{plain: &o.BirthDay}
	case "BirthMonth":
		return ref{plain: &o.BirthMonth}
	case "BirthYear":
		return ref{plain: &o.BirthYear}
	case "Preferences":
		return ref{plain: &o.Preferences}
	}
	return ref{}
}

func (o *FormOnly) empty() bool {
	for _, place := range formOnlyPlace {
		if _, attr := splitPath(place); o.blank(attr) || !o.attr(attr).missing() && !o.attr(attr).empty() {
			return false
		}
	}
	return len(o.Unknown) == 0
}
