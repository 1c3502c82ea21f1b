/* Verifies one document again and again with libxmlsec1, parse included.
 * Arguments: document, public key (PEM). Each line of standard input is a
 * number of times; the answer is the nanoseconds that they took. */
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <xmlsec/crypto.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static char *content;
static int length;
static xmlSecKeyPtr key;

static int load(const char *path) {
  FILE *f = fopen(path, "rb");
  if (f == NULL) return -1;
  fseek(f, 0, SEEK_END);
  length = (int)ftell(f);
  rewind(f);
  content = malloc(length);
  if (content == NULL || fread(content, 1, length, f) != (size_t)length) return -1;
  return fclose(f);
}

static int verify(void) {
  int ok = 0;
  xmlDocPtr doc = xmlReadMemory(content, length, NULL, NULL, XML_PARSE_NONET | XML_PARSE_HUGE);
  if (doc == NULL) return 0;
  xmlNodePtr root = xmlDocGetRootElement(doc);
  xmlAttrPtr id = xmlHasProp(root, BAD_CAST "ID");
  xmlChar *value = xmlNodeListGetString(doc, id->children, 1);
  xmlAddID(NULL, doc, value, id);
  xmlFree(value);
  xmlNodePtr signature = xmlSecFindChild(root, xmlSecNodeSignature, xmlSecDSigNs);
  xmlSecDSigCtxPtr ctx = xmlSecDSigCtxCreate(NULL);
  if (signature != NULL && ctx != NULL) {
    ctx->signKey = xmlSecKeyDuplicate(key);
    ok = xmlSecDSigCtxVerify(ctx, signature) == 0 && ctx->status == xmlSecDSigStatusSucceeded;
  }
  if (ctx != NULL) xmlSecDSigCtxDestroy(ctx);
  xmlFreeDoc(doc);
  return ok;
}

static long long now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 3 || load(argv[1]) != 0) return 2;
  xmlInitParser();
  if (xmlSecInit() < 0 || xmlSecCryptoAppInit(NULL) < 0 || xmlSecCryptoInit() < 0) return 3;
  key = xmlSecCryptoAppKeyLoad(argv[2], xmlSecKeyDataFormatPem, NULL, NULL, NULL);
  if (key == NULL) return 4;
  long n;
  while (scanf("%ld", &n) == 1) {
    long long start = now();
    for (long i = 0; i < n; i++)
      if (!verify()) return 5;
    printf("%lld\n", now() - start);
    fflush(stdout);
  }
  return 0;
}
