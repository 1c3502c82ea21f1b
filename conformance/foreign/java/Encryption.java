// Test program of package foreign: XML Encryption by Apache Santuario (Debian
// package libxml-security-java), one long-lived process. Run as a single source
// file with the jars of Santuario, slf4j and commons-codec on the class path.
//
// The protocol is that of Signature.java.

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.Init;
import org.apache.xml.security.c14n.Canonicalizer;
import org.apache.xml.security.encryption.EncryptedData;
import org.apache.xml.security.encryption.EncryptedKey;
import org.apache.xml.security.encryption.XMLCipher;
import org.apache.xml.security.encryption.XMLEncryptionException;
import org.apache.xml.security.keys.KeyInfo;
import org.apache.xml.security.utils.EncryptionConstants;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public final class Encryption {
    private static final String SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";

    /** A document that was looked at and turned down. */
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
                return "that of Debian's libxml-security-java".getBytes(StandardCharsets.UTF_8); // its jar tells none
            case "encrypt": // SPKI key, document, number of the element in document order
                return encryptElement(publicKey(args[0]), parse(args[1]), Integer.parseInt(text(args[2])));
            case "encrypt-bytes": // SPKI key, plaintext, Type attribute or nothing
                return encryptBytes(publicKey(args[0]), args[1], text(args[2]));
            case "decrypt": // PKCS#8 key, document: replaces its EncryptedData
                return decryptElement(privateKey(args[0]), parse(args[1]));
            case "decrypt-bytes": // PKCS#8 key, document: the plaintext of its EncryptedData
                return decryptBytes(privateKey(args[0]), parse(args[1]));
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private static byte[] encryptElement(PublicKey key, Document doc, int number) throws Exception {
        SecretKey content = contentKey();
        XMLCipher cipher = encryptor(content, key, doc);
        cipher.doFinal(doc, (Element) doc.getElementsByTagName("*").item(number), false);
        return serialized(doc.getDocumentElement());
    }

    private static byte[] encryptBytes(PublicKey key, byte[] plaintext, String type) throws Exception {
        Document doc = DocumentBuilderFactory.newInstance().newDocumentBuilder().newDocument();
        SecretKey content = contentKey();
        XMLCipher cipher = encryptor(content, key, doc);
        EncryptedData data = cipher.encryptData(doc, type.isEmpty() ? null : type, new ByteArrayInputStream(plaintext));
        doc.appendChild(cipher.martial(data));
        return serialized(doc.getDocumentElement());
    }

    private static XMLCipher encryptor(SecretKey content, PublicKey key, Document doc) throws Exception {
        XMLCipher wrap = XMLCipher.getInstance(XMLCipher.RSA_OAEP_11, null, SHA256);
        wrap.init(XMLCipher.WRAP_MODE, key);
        EncryptedKey encrypted = wrap.encryptKey(doc, content, EncryptionConstants.MGF1_SHA256, null);
        XMLCipher cipher = XMLCipher.getInstance(XMLCipher.AES_256_GCM);
        cipher.init(XMLCipher.ENCRYPT_MODE, content);
        KeyInfo info = new KeyInfo(doc);
        info.add(encrypted);
        cipher.getEncryptedData().setKeyInfo(info);
        return cipher;
    }

    private static byte[] decryptElement(PrivateKey key, Document doc) throws Exception {
        Element data = encryptedData(doc);
        try {
            return serialized(decryptor(key, doc, data).doFinal(doc, data).getDocumentElement());
        } catch (XMLEncryptionException e) {
            throw refused(e);
        }
    }

    private static byte[] decryptBytes(PrivateKey key, Document doc) throws Exception {
        Element data = encryptedData(doc);
        try {
            return decryptor(key, doc, data).decryptToByteArray(data);
        } catch (XMLEncryptionException e) {
            throw refused(e);
        }
    }

    /** A cipher with the content key, which is unwrapped apart so that its failure has a cause. */
    private static XMLCipher decryptor(PrivateKey key, Document doc, Element data) throws Exception {
        XMLCipher unwrap = XMLCipher.getInstance();
        unwrap.init(XMLCipher.UNWRAP_MODE, key);
        EncryptedKey encrypted = unwrap.loadEncryptedKey(doc, only(data, "EncryptedKey"));
        XMLCipher cipher = XMLCipher.getInstance();
        cipher.init(XMLCipher.DECRYPT_MODE, unwrap.decryptKey(encrypted, XMLCipher.AES_256_GCM));
        cipher.setSecureValidation(true);
        return cipher;
    }

    private static Exception refused(XMLEncryptionException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof GeneralSecurityException && !(cause instanceof XMLEncryptionException)) {
                return new Refused(cause.toString());
            }
        }
        return e;
    }

    private static Element encryptedData(Document doc) throws Refused {
        if (doc.getDocumentElement().getLocalName().equals("EncryptedData")) {
            return doc.getDocumentElement();
        }
        return only(doc.getDocumentElement(), "EncryptedData");
    }

    private static Element only(Element in, String name) throws Refused {
        NodeList found = in.getElementsByTagNameNS(EncryptionConstants.EncryptionSpecNS, name);
        if (found.getLength() != 1) {
            throw new Refused(name + " elements: " + found.getLength());
        }
        return (Element) found.item(0);
    }

    private static SecretKey contentKey() throws Exception {
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(256);
        return generator.generateKey();
    }

    private static PublicKey publicKey(byte[] spki) throws Exception {
        return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(spki));
    }

    private static PrivateKey privateKey(byte[] pkcs8) throws Exception {
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    private static Document parse(byte[] document) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(document));
    }

    private static byte[] serialized(Element root) throws Exception {
        return Canonicalizer.getInstance(Canonicalizer.ALGO_ID_C14N_OMIT_COMMENTS).canonicalizeSubtree(root);
    }

    private static String text(byte[] argument) {
        return new String(argument, StandardCharsets.UTF_8);
    }

    private static String encode(byte[] value) {
        return Base64.getEncoder().encodeToString(value);
    }
}
