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
	add(name string, r *room) node
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

func (*Common) add(string, *room) node { return nil }

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

// extend appends one to the list; the first may take its place from spare.
func extend[T any, P pointer[T]](list *[]T, spare *[]T) node {
	if len(*list) == 0 && spare != nil && len(*spare) > 0 {
		*list = (*spare)[:1:1]
		*spare = (*spare)[1:]
	} else {
		var zero T
		*list = append(*list, zero)
	}
	return P(&(*list)[len(*list)-1])
}

// single fills the place of a child that stands once.
func single[T any, P pointer[T]](one **T) node {
	*one = new(T)
	return P(*one)
}

// room is memory for the elements of a usual party, taken in one piece
// because an address is on the path of every payment.
type room struct {
	party   []Party
	postal  []Postal
	name    []Name
	street  []Street
	text    []Text
	telecom []Telecom
	phone   []Phone
	online  []Online
	email   []Email
}

type block struct {
	party   [1]Party
	postal  [1]Postal
	name    [1]Name
	street  [1]Street
	text    [2]Text // City and StateProv, or Company
	telecom [1]Telecom
	phone   [1]Phone
	online  [1]Online
	email   [1]Email
}

// refill makes room for one party more.
func (r *room) refill() {
	b := new(block)
	*r = room{
		b.party[:], b.postal[:], b.name[:], b.street[:], b.text[:],
		b.telecom[:], b.phone[:], b.online[:], b.email[:],
	}
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

func (e *Ecom) add(name string, r *room) node {
	switch name {
	case "ShipTo":
		r.refill()
		return extend(&e.ShipTo, &r.party)
	case "BillTo":
		r.refill()
		return extend(&e.BillTo, &r.party)
	case "ReceiptTo":
		r.refill()
		return extend(&e.ReceiptTo, &r.party)
	case "Payment":
		return extend(&e.Payment, nil)
	case "Loyalty":
		return extend(&e.Loyalty, nil)
	case "User":
		return extend(&e.User, nil)
	case "Merchant":
		return extend(&e.Merchants, nil)
	case "Transaction":
		return extend(&e.Transaction, nil)
	case "TransactionComplete":
		return extend(&e.TransactionComplete, nil)
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

func (p *Party) add(name string, r *room) node {
	switch name {
	case "Postal":
		return extend(&p.Postal, &r.postal)
	case "Telecom":
		return extend(&p.Telecom, &r.telecom)
	case "Online":
		return extend(&p.Online, &r.online)
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

func (p *Postal) add(name string, r *room) node {
	switch name {
	case "Name":
		return extend(&p.Name, &r.name)
	case "Company":
		return extend(&p.Company, &r.text)
	case "Street":
		return extend(&p.Street, &r.street)
	case "City":
		return extend(&p.City, &r.text)
	case "StateProv":
		return extend(&p.StateProv, &r.text)
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

func (t *Telecom) add(name string, r *room) node {
	if name == "Phone" {
		return extend(&t.Phone, &r.phone)
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

func (o *Online) add(name string, r *room) node {
	if name == "Email" {
		return extend(&o.Email, &r.email)
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

func (u *User) add(name string, _ *room) node {
	switch name {
	case "UserID":
		return extend(&u.UserID, nil)
	case "Password":
		return extend(&u.Password, nil)
	}
	return nil
}

func (p *PasswordText) attr(name string) ref {
	if name == "" {
		return ref{hidden: &p.Value.secret}
	}
	return p.Common.attr(name)
}
