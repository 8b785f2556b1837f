/* certs - certificates of the tests' own, made on the spot: a CA, and what it signed. */
#ifndef TEST_RECEIVE_CERTS_H
#define TEST_RECEIVE_CERTS_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct pair {
	EVP_PKEY *key;
	X509 *cert;
};

/* name: common name and DNS name; signer NULL: by itself. */
static inline struct pair make_pair(const char *name, const struct pair *signer)
{
	static long serial = 1;
	char dns[128];
	struct pair p = { EVP_EC_gen("P-256"), X509_new() };
	X509_NAME *subject = X509_get_subject_name(p.cert);
	X509_set_version(p.cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(p.cert), serial++);
	X509_gmtime_adj(X509_getm_notBefore(p.cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(p.cert), 86400);
	X509_set_pubkey(p.cert, p.key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(p.cert, signer ? X509_get_subject_name(signer->cert) : subject);
	snprintf(dns, sizeof(dns), "DNS:%s", name);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, signer ? NID_subject_alt_name : NID_basic_constraints,
						signer ? dns : "critical,CA:TRUE");
	X509_add_ext(p.cert, e, -1);
	X509_EXTENSION_free(e);
	X509_sign(p.cert, signer ? signer->key : p.key, EVP_sha256());
	return p;
}

static inline void free_pair(struct pair *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
}

/* folder/name.crt and folder/name.key */
static inline void write_pair(const struct pair *p, const char *folder, const char *name)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s.crt", folder, name);
	FILE *f = fopen(path, "w");
	if (!f || PEM_write_X509(f, p->cert) != 1 || fclose(f) != 0)
		abort();
	snprintf(path, sizeof(path), "%s/%s.key", folder, name);
	f = fopen(path, "w");
	if (!f || PEM_write_PrivateKey(f, p->key, NULL, NULL, 0, NULL, NULL) != 1 || fclose(f) != 0 ||
	    chmod(path, 0600) != 0)
		abort();
}

#endif
