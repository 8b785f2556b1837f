/* field - names of event kinds and fields, their types and privacy classes. */
#ifndef TOCSIN_FIELD_H
#define TOCSIN_FIELD_H

#include <stdbool.h>
#include <stdint.h>

/* An interned name (of a kind or a field): small, append-only for the life of the process; 0 = none. */
typedef uint16_t toc_field;

enum toc_type {
	TOC_NONE, /* unset */
	TOC_BOOL,
	TOC_INT,  /* int64_t */
	TOC_UINT, /* uint64_t */
	TOC_DOUBLE,
	TOC_TIME,     /* toc_time: ns since 1970 UTC */
	TOC_DURATION, /* toc_time: ns */
	TOC_IP,	      /* struct toc_addr */
	TOC_MAC,      /* struct toc_mac */
	TOC_STRING,   /* bytes; not necessarily UTF-8 */
	TOC_KIND      /* only in declarations: the entry names an event kind, the entries after it are its fields */
};

/* Who a value may be about (policy.md SYS-07): decides masking, never matching. */
enum toc_privacy { TOC_OPEN, TOC_DEVICE, TOC_PERSON, TOC_CONTENT };

/*
 * One kind or one field, as a decoder or a stage declares it. A table of these is indexed by the owner's own
 * enum; a TOC_KIND entry opens a kind and the entries that follow are that kind's fields.
 */
struct toc_field_decl {
	const char *name; /* as printed: Zeek's name where Zeek has one */
	enum toc_type type;
	bool list; /* list of `type` */
	enum toc_privacy privacy;
	const char *unit; /* NULL, or "B", "ns", … */
	const char *doc;  /* one line */
};

#endif
