/* ssh - pieces shared by the files of the SSH decoder. */
#ifndef DECODERS_SSH_H
#define DECODERS_SSH_H

#include "tocsin/decoder.h"

enum { SSH_KEXINIT = 3072, SSH_BOTH = 256 };

enum ssh_list {
	SSH_KEX,
	SSH_HOST_KEY,
	SSH_CIPHER_OUT, /* from the client */
	SSH_CIPHER_BACK,
	SSH_MAC_OUT,
	SSH_MAC_BACK,
	SSH_COMPRESSION_OUT,
	SSH_COMPRESSION_BACK,
	SSH_LISTS
};

/* The name-lists of one SSH_MSG_KEXINIT (RFC 4253, section 7.1); borrowed. */
struct ssh_offer {
	struct toc_span list[SSH_LISTS];
};

/* `body`: from the cookie on. false: cut short. */
bool ssh_offer_read(struct toc_span body, struct ssh_offer *out);

/* The client's first name that the server has too (RFC 4253, section 7.1); n = 0: none. */
struct toc_span ssh_choice(struct toc_span client, struct toc_span server);

/* What both directions use: one name, or "To server: a, to client: b" where they differ, as Zeek writes it. */
struct toc_span ssh_choice_both(const struct ssh_offer *client, const struct ssh_offer *server, enum ssh_list out,
				char text[SSH_BOTH]);

/* HASSH of a side's offer (Salesforce 2018): MD5 of its lists for what it sends, in hexadecimal. */
void ssh_hassh(const struct ssh_offer *offer, bool client, char out[32]);

/* "SHA256:" and the base64 of the digest without padding, as ssh-keygen prints it: 50 characters. */
size_t ssh_fingerprint(struct toc_span key, char out[64]);

#endif
