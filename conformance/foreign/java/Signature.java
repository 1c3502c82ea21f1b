// Test program of package foreign: XML Signature and canonicalization by the
// JDK, one long-lived process. Run as a single source file:
//
//   java --add-exports java.xml.crypto/com.sun.org.apache.xml.internal.security=ALL-UNNAMED \
//     --add-exports java.xml.crypto/com.sun.org.apache.xml.internal.security.c14n=ALL-UNNAMED Signature.java
//
// One request a line: a command and its arguments, separated by single spaces,
// each argument in base64. One answer a line: "ok" and a value in base64,
// "refused" and a reason, or "error" and a reason.

import com.sun.org.apache.xml.internal.security.Init;
import com.sun.org.apache.xml.internal.security.c14n.Canonicalizer;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.crypto.dsig.CanonicalizationMethod;
import javax.xml.crypto.dsig.DigestMethod;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.SignatureMethod;
import javax.xml.crypto.dsig.SignedInfo;
import javax.xml.crypto.dsig.Transform;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMSignContext;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.crypto.dsig.spec.C14NMethodParameterSpec;
import javax.xml.crypto.dsig.spec.DigestMethodParameterSpec;
import javax.xml.crypto.dsig.spec.SignatureMethodParameterSpec;
import javax.xml.crypto.dsig.spec.TransformParameterSpec;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXParseException;

public final class Signature {
    private static final XMLSignatureFactory SIGNATURES = XMLSignatureFactory.getInstance("DOM");

    /** A document or signature that was looked at and turned down. */
    private static final class Refused extends Exception {
        Refused(String reason) {
            super(reason);
        }
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        System.setOut(System.err);
        Init.init();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.print(answer(line));
            out.print('\n');
            out.flush();
        }
    }

    private static String answer(String line) {
        try {
            String[] words = line.split(" ", -1);
            byte[][] args = new byte[words.length - 1][];
            for (int i = 0; i < args.length; i++) {
                args[i] = Base64.getDecoder().decode(words[i + 1]);
            }
            return "ok " + encode(run(words[0], args));
        } catch (Refused e) {
            return "refused " + encode(e.getMessage().getBytes(StandardCharsets.UTF_8));
        } catch (Throwable e) {
            return "error " + encode(e.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private static byte[] run(String command, byte[][] args) throws Exception {
        switch (command) {
            case "version":
                return System.getProperty("java.version").getBytes(StandardCharsets.UTF_8);
            case "sign": // signature method, digest method, PKCS#8 key, key kind, document, children before the signature, ID attribute
                return sign(text(args[0]), text(args[1]), privateKey(text(args[3]), args[2]), parse(args[4]),
                    Integer.parseInt(text(args[5])), text(args[6]));
            case "verify": // SPKI key, key kind, document, ID attribute
                verify(KeyFactory.getInstance(text(args[1])).generatePublic(new X509EncodedKeySpec(args[0])),
                    parse(args[2]), text(args[3]));
                return new byte[0];
            case "c14n": // document, number of the element in document order, prefix list or nothing
                return canonical(parse(args[0]), Integer.parseInt(text(args[1])), text(args[2]));
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private static byte[] sign(String method, String digest, PrivateKey key, Document doc, int behind, String id)
        throws Exception {
        markIDs(doc, id);
        Element root = doc.getDocumentElement();
        List<Transform> transforms = List.of(
            SIGNATURES.newTransform(Transform.ENVELOPED, (TransformParameterSpec) null),
            SIGNATURES.newTransform(CanonicalizationMethod.EXCLUSIVE, (TransformParameterSpec) null));
        Reference reference = SIGNATURES.newReference("#" + root.getAttribute(id),
            SIGNATURES.newDigestMethod(digest, (DigestMethodParameterSpec) null), transforms, null, null);
        SignedInfo info = SIGNATURES.newSignedInfo(
            SIGNATURES.newCanonicalizationMethod(CanonicalizationMethod.EXCLUSIVE, (C14NMethodParameterSpec) null),
            SIGNATURES.newSignatureMethod(method, (SignatureMethodParameterSpec) null), List.of(reference));
        Node next = behind(root, behind);
        DOMSignContext context = next == null ? new DOMSignContext(key, root) : new DOMSignContext(key, root, next);
        context.setDefaultNamespacePrefix("ds");
        SIGNATURES.newXMLSignature(info, null).sign(context);
        return serialized(doc);
    }

    private static void verify(PublicKey key, Document doc, String id) throws Exception {
        markIDs(doc, id);
        NodeList signatures = doc.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        if (signatures.getLength() != 1) {
            throw new Refused("signatures: " + signatures.getLength());
        }
        DOMValidateContext context = new DOMValidateContext(key, signatures.item(0));
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
        XMLSignature signature = SIGNATURES.unmarshalXMLSignature(context);
        if (!signature.getSignatureValue().validate(context)) {
            throw new Refused("signature value");
        }
        for (Object reference : signature.getSignedInfo().getReferences()) {
            if (!((Reference) reference).validate(context)) {
                throw new Refused("digest value");
            }
        }
        if (!signature.validate(context)) {
            throw new Refused("signature");
        }
    }

    private static byte[] canonical(Document doc, int number, String prefixes) throws Exception {
        Node apex = doc.getElementsByTagName("*").item(number);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Canonicalizer exclusive = Canonicalizer.getInstance(CanonicalizationMethod.EXCLUSIVE);
        if (prefixes.isEmpty()) {
            exclusive.canonicalizeSubtree(apex, out);
        } else {
            exclusive.canonicalizeSubtree(apex, prefixes, out);
        }
        return out.toByteArray();
    }

    /** The node before which a signature is put that has so many child elements before it. */
    private static Node behind(Element root, int count) {
        Node node = root.getFirstChild();
        for (; node != null && count > 0; node = node.getNextSibling()) {
            if (node.getNodeType() == Node.ELEMENT_NODE) {
                count--;
            }
        }
        return node;
    }

    private static void markIDs(Document doc, String name) {
        NodeList elements = doc.getElementsByTagName("*");
        for (int i = 0; i < elements.getLength(); i++) {
            Element element = (Element) elements.item(i);
            if (element.hasAttributeNS(null, name)) {
                element.setIdAttributeNS(null, name, true);
            }
        }
    }

    private static Document parse(byte[] document) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder builder = factory.newDocumentBuilder();
        builder.setErrorHandler(new ErrorHandler() {
            @Override public void warning(SAXParseException e) { }

            @Override public void error(SAXParseException e) throws SAXParseException {
                throw e;
            }

            @Override public void fatalError(SAXParseException e) throws SAXParseException {
                throw e;
            }
        });
        try {
            return builder.parse(new ByteArrayInputStream(document));
        } catch (SAXParseException e) {
            throw new Refused("not well-formed: " + e.getMessage());
        }
    }

    private static byte[] serialized(Document doc) throws Exception {
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.OMIT_XML_DECLARATION, "yes");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        transformer.transform(new DOMSource(doc), new StreamResult(out));
        return out.toByteArray();
    }

    private static PrivateKey privateKey(String kind, byte[] encoded) throws Exception {
        return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }

    private static String text(byte[] argument) {
        return new String(argument, StandardCharsets.UTF_8);
    }

    private static String encode(byte[] value) {
        return Base64.getEncoder().encodeToString(value);
    }
}
