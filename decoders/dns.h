/* dns - what the files of the DNS decoder share: message reader, names, records, code names. */
#ifndef DECODERS_DNS_H
#define DECODERS_DNS_H

#include "tocsin/cursor.h"
#include "tocsin/draft.h"

/* A reader over (the first part of) a message: compression points back into msg, whose end is c's end. */
struct toc_dns_in {
	struct toc_span msg;
	struct toc_cursor c;
};

/* A name as text, without the last dot; the root is empty. Dots inside labels are not escaped, as in Zeek. */
struct toc_dns_name {
	uint8_t n;
	uint8_t b[255];
};

struct toc_dns_rr {
	struct toc_dns_name owner;
	uint16_t type, class;
	uint32_t ttl; /* seconds */
	struct toc_dns_in data;
};

/* A rendered record; what does not fit is cut and marked. */
struct toc_dns_text {
	size_t n;
	bool cut;
	uint8_t b[4096];
};

enum {
	TOC_DNS_A = 1,
	TOC_DNS_SOA = 6,
	TOC_DNS_A6 = 38,
	TOC_DNS_AAAA = 28,
	TOC_DNS_SRV = 33, /* over NetBIOS: node status (RFC 1002, section 4.2.1.3) */
	TOC_DNS_OPT = 41,
	TOC_DNS_ANY = 255
};

enum { TOC_DNS_CLASS_IN = 1, TOC_DNS_CLASS_CHAOS = 3, TOC_DNS_CLASS_NONE = 254, TOC_DNS_CLASS_ANY = 255 };

enum { TOC_DNS_HEADER = 12, TOC_DNS_OP_QUERY = 0 };

struct toc_dns_header {
	uint16_t id, flags, questions, answers, authorities, additionals;
	bool is_reply;
	uint8_t opcode, rcode;
};

static inline struct toc_dns_in toc_dns_in_of(struct toc_span msg)
{
	return (struct toc_dns_in){ msg, toc_cursor_of(msg) };
}

static inline struct toc_span toc_dns_name_span(const struct toc_dns_name *name)
{
	return toc_span_of(name->b, name->n);
}

/* Reads a name in lower case (RFC 1035, section 4.1.4); false when broken, and then *out has what was readable. */
bool toc_dns_read_name(struct toc_dns_in *in, struct toc_dns_name *out);

/* The same without changing case. */
bool toc_dns_read_name_as_is(struct toc_dns_in *in, struct toc_dns_name *out);

/* Undoes the first-level encoding (RFC 1001, section 14.1) of the first label, drops padding; names that are not
 * encoded stay. */
void toc_dns_decode_netbios(struct toc_dns_name *name);

struct toc_dns_header toc_dns_read_header(struct toc_cursor *c);

/* What may be a header of DNS where nothing else says so. */
bool toc_dns_plausible(const struct toc_dns_header *h);

/* One ordinary question, and a message that ends where it says: what may be DNS on a port that is not DNS's. */
bool toc_dns_looks_so(struct toc_span msg);

/*
 * In a stream with a hole: skips to the next length that has a message with a question behind it. 0: found; else so
 * many bytes are needed to tell.
 */
size_t toc_dns_find_frame(struct toc_cursor *in);

/* Reads one resource record; false when it is not whole. */
bool toc_dns_read_rr(struct toc_dns_in *in, struct toc_dns_rr *rr);

/* Appends the record's data as Zeek's dns.log prints an answer; nothing for kinds that are not printed. False when
 * the data are broken. */
bool toc_dns_render(struct toc_dns_rr *rr, bool netbios, struct toc_dns_text *out);

void toc_dns_text_str(struct toc_dns_text *out, const char *s);
void toc_dns_text_span(struct toc_dns_text *out, struct toc_span s);
void toc_dns_text_uint(struct toc_dns_text *out, uint32_t v);
void toc_dns_text_type(struct toc_dns_text *out, uint16_t type);

/* Names of codes as Zeek prints them; NULL where there is none. */
const char *toc_dns_type_name(uint16_t type);
const char *toc_dns_class_name(uint16_t class);
const char *toc_dns_rcode_name(uint8_t rcode);
const char *toc_dns_opcode_name(uint8_t opcode, bool netbios);

enum { TOC_DNS_EDNS_FIELDS = 6 };

/*
 * Skips `before` records, looks for OPT among the `additionals` behind and puts what it says into the fields first,
 * first + 1 … unless a message of the same event has said it: size, DO, options, client subnet, error, response code.
 */
void toc_dns_put_edns(struct toc_draft *d, unsigned first, struct toc_dns_in *in, uint32_t before, uint32_t additionals,
		      uint8_t rcode);

/* Puts the name of a code, or prefix and number. */
void toc_dns_put_code(struct toc_draft *d, unsigned field, const char *name, const char *prefix, uint32_t code);

#endif
