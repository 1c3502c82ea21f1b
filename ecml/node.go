package ecml

// node is an element of ours as the codecs see it: fields by XML name.
type node interface {
	common() *Common
	// attr returns the place of an attribute's value; "" stands for the
	// element's own text.
	attr(name string) ref
	// child returns the k-th child element of that name, or nil.
	child(name string, k int) node
	// add appends a child element of that name and returns it, or nil.
	add(name string) node
}

// ref is the place of a value: of a plain or of a secret one.
type ref struct {
	plain  *string
	hidden *secret
}

func (r ref) missing() bool { return r.plain == nil && r.hidden == nil }

func (r ref) get() string {
	if r.hidden != nil {
		return r.hidden.reveal()
	}
	return *r.plain
}

func (r ref) set(value string) {
	if r.hidden != nil {
		*r.hidden = conceal(value)
		return
	}
	*r.plain = value
}

func (r ref) empty() bool {
	if r.hidden != nil {
		return r.hidden.IsZero()
	}
	return *r.plain == ""
}

func (c *Common) common() *Common { return c }

func (c *Common) attr(name string) ref {
	if name == attrID {
		return ref{plain: &c.ID}
	}
	return ref{}
}

func (*Common) child(string, int) node { return nil }

func (*Common) add(string) node { return nil }

// pointer is the pointer to an element type.
type pointer[T any] interface {
	*T
	node
}

// pick returns the k-th of a list.
func pick[T any, P pointer[T]](list []T, k int) node {
	if k >= len(list) {
		return nil
	}
	return P(&list[k])
}

// only returns the one child, for k 0.
func only[T any, P pointer[T]](one *T, k int) node {
	if one == nil || k > 0 {
		return nil
	}
	return P(one)
}

// extend appends one to the list.
func extend[T any, P pointer[T]](list *[]T) node {
	var zero T
	*list = append(*list, zero)
	return P(&(*list)[len(*list)-1])
}

// single fills the place of a child that stands once.
func single[T any, P pointer[T]](one **T) node {
	*one = new(T)
	return P(*one)
}

func (e *Ecom) attr(name string) ref {
	switch name {
	case "ConsumerOrderID":
		return ref{plain: &e.ConsumerOrderID}
	case "Merchant":
		return ref{plain: &e.Merchant}
	case "Processor":
		return ref{plain: &e.Processor}
	case "SchemaVersion":
		return ref{plain: &e.SchemaVersion}
	case "WalletID":
		return ref{plain: &e.WalletID}
	case "WalletLocation":
		return ref{plain: &e.WalletLocation}
	}
	return e.Common.attr(name)
}

func (e *Ecom) child(name string, k int) node {
	switch name {
	case "ShipTo":
		return pick(e.ShipTo, k)
	case "BillTo":
		return pick(e.BillTo, k)
	case "ReceiptTo":
		return pick(e.ReceiptTo, k)
	case "Payment":
		return pick(e.Payment, k)
	case "Loyalty":
		return pick(e.Loyalty, k)
	case "User":
		return pick(e.User, k)
	case "Merchant":
		return pick(e.Merchants, k)
	case "Transaction":
		return pick(e.Transaction, k)
	case "TransactionComplete":
		return pick(e.TransactionComplete, k)
	}
	return nil
}

func (e *Ecom) add(name string) node {
	switch name {
	case "ShipTo":
		return extend(&e.ShipTo)
	case "BillTo":
		return extend(&e.BillTo)
	case "ReceiptTo":
		return extend(&e.ReceiptTo)
	case "Payment":
		return extend(&e.Payment)
	case "Loyalty":
		return extend(&e.Loyalty)
	case "User":
		return extend(&e.User)
	case "Merchant":
		return extend(&e.Merchants)
	case "Transaction":
		return extend(&e.Transaction)
	case "TransactionComplete":
		return extend(&e.TransactionComplete)
	}
	return nil
}

func (p *Party) child(name string, k int) node {
	switch name {
	case "Postal":
		return pick(p.Postal, k)
	case "Telecom":
		return pick(p.Telecom, k)
	case "Online":
		return pick(p.Online, k)
	}
	return nil
}

func (p *Party) add(name string) node {
	switch name {
	case "Postal":
		return extend(&p.Postal)
	case "Telecom":
		return extend(&p.Telecom)
	case "Online":
		return extend(&p.Online)
	}
	return nil
}

func (p *Postal) attr(name string) ref {
	switch name {
	case "PostalCode":
		return ref{plain: &p.PostalCode}
	case "CountryCode":
		return ref{plain: &p.CountryCode}
	}
	return p.Common.attr(name)
}

func (p *Postal) child(name string, k int) node {
	switch name {
	case "Name":
		return pick(p.Name, k)
	case "Company":
		return pick(p.Company, k)
	case "Street":
		return pick(p.Street, k)
	case "City":
		return pick(p.City, k)
	case "StateProv":
		return pick(p.StateProv, k)
	}
	return nil
}

func (p *Postal) add(name string) node {
	switch name {
	case "Name":
		return extend(&p.Name)
	case "Company":
		return extend(&p.Company)
	case "Street":
		return extend(&p.Street)
	case "City":
		return extend(&p.City)
	case "StateProv":
		return extend(&p.StateProv)
	}
	return nil
}

func (n *Name) attr(name string) ref {
	switch name {
	case "Prefix":
		return ref{plain: &n.Prefix}
	case "First":
		return ref{plain: &n.First}
	case "Middle":
		return ref{plain: &n.Middle}
	case "Last":
		return ref{plain: &n.Last}
	case "Suffix":
		return ref{plain: &n.Suffix}
	}
	return n.Common.attr(name)
}

func (s *Street) attr(name string) ref {
	switch name {
	case "Line1":
		return ref{plain: &s.Line1}
	case "Line2":
		return ref{plain: &s.Line2}
	case "Line3":
		return ref{plain: &s.Line3}
	}
	return s.Common.attr(name)
}

func (t *Text) attr(name string) ref {
	if name == "" {
		return ref{plain: &t.Value}
	}
	return t.Common.attr(name)
}

func (t *Telecom) child(name string, k int) node {
	if name == "Phone" {
		return pick(t.Phone, k)
	}
	return nil
}

func (t *Telecom) add(name string) node {
	if name == "Phone" {
		return extend(&t.Phone)
	}
	return nil
}

func (p *Phone) attr(name string) ref {
	if name == "Number" {
		return ref{plain: &p.Number}
	}
	return p.Common.attr(name)
}

func (o *Online) child(name string, k int) node {
	if name == "Email" {
		return pick(o.Email, k)
	}
	return nil
}

func (o *Online) add(name string) node {
	if name == "Email" {
		return extend(&o.Email)
	}
	return nil
}

func (m *Email) attr(name string) ref {
	if name == "Address" {
		return ref{plain: &m.Address}
	}
	return m.Common.attr(name)
}

func (u *User) attr(name string) ref {
	switch name {
	case "CertificateURL":
		return ref{plain: &u.CertificateURL}
	case "DataCountry":
		return ref{plain: &u.DataCountry}
	case "DataLanguage":
		return ref{plain: &u.DataLanguage}
	}
	return u.Common.attr(name)
}

func (u *User) child(name string, k int) node {
	switch name {
	case "UserID":
		return pick(u.UserID, k)
	case "Password":
		return pick(u.Password, k)
	}
	return nil
}

func (u *User) add(name string) node {
	switch name {
	case "UserID":
		return extend(&u.UserID)
	case "Password":
		return extend(&u.Password)
	}
	return nil
}

func (p *PasswordText) attr(name string) ref {
	if name == "" {
		return ref{hidden: &p.Value.secret}
	}
	return p.Common.attr(name)
}
