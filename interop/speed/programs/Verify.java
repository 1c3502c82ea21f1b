import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;

/**
 * Verifies one document again and again with javax.xml.crypto.dsig, parse
 * included. Arguments: document, public key (PEM). Each line of standard input
 * is a number of times; the answer is the nanoseconds that they took.
 */
public class Verify {
  public static void main(String[] args) throws Exception {
    byte[] content = Files.readAllBytes(Path.of(args[0]));
    PublicKey key = read(Files.readString(Path.of(args[1])));
    DocumentBuilderFactory documents = DocumentBuilderFactory.newInstance();
    documents.setNamespaceAware(true);
    documents.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    DocumentBuilder builder = documents.newDocumentBuilder();
    XMLSignatureFactory signatures = XMLSignatureFactory.getInstance("DOM");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      int n = Integer.parseInt(line.trim());
      long start = System.nanoTime();
      for (int i = 0; i < n; i++) {
        verify(builder, signatures, content, key);
      }
      System.out.println(System.nanoTime() - start);
    }
  }

  private static void verify(DocumentBuilder builder, XMLSignatureFactory signatures, byte[] content, PublicKey key)
      throws Exception {
    Document doc = builder.parse(new ByteArrayInputStream(content));
    doc.getDocumentElement().setIdAttributeNS(null, "ID", true);
    var found = doc.getElementsByTagNameNS("http://www.w3.org/2000/09/xmldsig#", "Signature");
    DOMValidateContext context = new DOMValidateContext(key, found.item(0));
    context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
    if (!signatures.unmarshalXMLSignature(context).validate(context)) {
      throw new IllegalStateException("the signature does not verify");
    }
  }

  private static PublicKey read(String pem) throws Exception {
    String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    X509EncodedKeySpec spec = new X509EncodedKeySpec(Base64.getDecoder().decode(body));
    try {
      return KeyFactory.getInstance("RSA").generatePublic(spec);
    } catch (java.security.spec.InvalidKeySpecException e) {
      return KeyFactory.getInstance("EC").generatePublic(spec);
    }
  }
}
