package xmlenc

import (
	"github.com/kecis/sdk/kecis/xmltree"
)

func decryptDocument(keys KeyFinder, doc []byte) ([]byte, error) {
	tree, err := xmltree.Parse(doc)
	if err != nil {
		return nil, err
	}
	return Decrypt(keys, tree.Root(), testContext(), testNow)
}
