/* payload - structured messages as pairs of name and value: JSON, key=value, CEF, LEEF, CSV, XML. */
#ifndef NORMALISE_PAYLOAD_H
#define NORMALISE_PAYLOAD_H

#include "tocsin/span.h"

enum { PAYLOAD_PAIRS = 256, PAYLOAD_ROOM = 32768 };

struct payload_pair {
	struct toc_span name, value; /* in the message, or in `text` where escapes were undone */
};

/* Memory of one reader of lines; not small. */
struct payload {
	unsigned n;
	bool cut; /* more pairs, or more escaped text, than there is room for */
	struct payload_pair pairs[PAYLOAD_PAIRS];
	size_t text_n;
	uint8_t text[PAYLOAD_ROOM];
};

void payload_clear(struct payload *out);
void payload_add(struct payload *out, struct toc_span name, struct toc_span value);
/* Text made on the way: begins at out->text_n, grows by payload_put, ends as payload_made(begin). */
void payload_put(struct payload *out, uint8_t byte);
void payload_puts(struct payload *out, struct toc_span s);
struct toc_span payload_made(const struct payload *out, size_t begin);

/*
 * One JSON object (RFC 8259): strings, numbers, true and false; null is left out. Members of inner objects are named
 * a.b, those of arrays' elements as if there were no array; {"name": N, "value": V} in an array is also the pair a.N.
 * Bytes that are not UTF-8 are kept. false: it is none.
 */
bool payload_json(struct payload *out, struct toc_span message);

/* How key=value is written. */
struct payload_style {
	uint8_t equals;	 /* '=' or ':' */
	uint8_t between; /* ' ' (any white space), or ',', ';', '|', tab */
	bool spaced;	 /* between is a space, and values hold spaces: they end before the next name */
	bool runs_on;	 /* a piece without a name belongs to the value before it */
};
extern const struct payload_style payload_usual; /* name=value name="quoted \"value\"" */

/* At least two pairs; words that are no pair are passed over. */
bool payload_pairs(struct payload *out, struct toc_span message, const struct payload_style *style);

/*
 * Pairs of a text whose writer nobody knows: name=value, or name: value, parted by whichever of , ; | tab and space the
 * text has most of. Names may hold spaces ("Source IP"); quotes around a value are left out. At least two pairs.
 * *spoken: they are colons between words, so that many of the names are but parts of a sentence.
 */
bool payload_loose(struct payload *out, struct toc_span text, bool *spoken);

/*
 * ArcSight's CEF:0|… : device_vendor device_product device_version event_class_id name severity, then the extension's
 * keys; what csN, cnN … hold is also there under its label. IBM's LEEF 1.0 and 2.0: the same header names.
 */
bool payload_cef(struct payload *out, struct toc_span message);
bool payload_leef(struct payload *out, struct toc_span message);

/* Parameters of structured data (RFC 5424, section 6.3) by their names, whatever element they stand in; an element's
 * enterprise is a pair too: "@2636" with the element's id. */
bool payload_data(struct payload *out, struct toc_span data);

/* RFC 4180 with another separator: values without names, in the order of their columns. */
bool payload_csv(struct payload *out, struct toc_span message, uint8_t between);

/*
 * The text of a Windows event: titles of sections, labels and values, parted by tabs, ends of lines or two spaces. A
 * value is there as "Subject.Account Name" and as "Account Name". false: it has none.
 */
bool payload_sections(struct payload *out, struct toc_span message);

/* Elements by their names, attributes as Element.attribute, <Data Name="x"> as x. No entities but the five and numbers.
 */
bool payload_xml(struct payload *out, struct toc_span message);

/*
 * What a free text says for itself: addresses with their ports (ip, ip_port, ip2, ip2_port …), hardware addresses (mac,
 * mac2 …), and what follows user, interface, port, vlan, ssid and the like. Never false: there may be nothing in it.
 */
bool payload_found(struct payload *out, struct toc_span message);

/* Of these only the addresses, which is a fraction of the work. */
void payload_addresses(struct payload *out, struct toc_span message);

/* The value of a name, or n = 0. */
struct toc_span payload_get(const struct payload *p, struct toc_span name);

#endif
