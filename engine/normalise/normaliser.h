/* normaliser - the compiled form of rules/normalise; private to normalise/. */
#ifndef NORMALISE_NORMALISER_H
#define NORMALISE_NORMALISER_H

#include "base/arena.h"
#include "base/yaml.h"
#include "normalise/lines.h"
#include "normalise/pattern.h"
#include "normalise/payload.h"

/* Fields that every line's event has, by index into the map (toc_line_fields). */
enum line_field {
	LINE_SYSLOG, /* the kind of a line that nobody knows */
	LINE_HOST,
	LINE_APP,
	LINE_PID,
	LINE_FACILITY,
	LINE_SEVERITY,
	LINE_PRIORITY,
	LINE_MSGID,
	LINE_SEQUENCE,
	LINE_HEADER_LAST = LINE_SEQUENCE, /* what the header says; a text that says it too is believed */
	LINE_MESSAGE,
	LINE_DEVICE_TS,
	LINE_COUNT,
	LINE_TRUNCATED,
	LINE_DATA,
	LINE_FOUND_IP,
	LINE_FOUND_MAC,
	LINE_FIELDS
};

enum form { FORM_TEXT, FORM_JSON, FORM_PAIRS, FORM_CEF, FORM_LEEF, FORM_XML, FORM_DATA, FORM_FOUND };
enum { FORMS = FORM_FOUND + 1 };

/* A constant that a pattern's match sets. */
struct constant {
	unsigned field;
	struct toc_span value;
};

struct rule {
	const struct normaliser *of;
	unsigned nset;
	const struct constant *set;
};

/* A value that is several: "192.0.2.1:443:X1" by ':' to an address, a port and an interface. */
struct split {
	uint8_t by;
	unsigned n;
	unsigned *fields; /* 0: passed over */
};

/* Name in a payload to field: open addressing. */
struct key_slot {
	struct toc_span name;
	unsigned field;
	const struct split *split; /* instead of a field */
};

/* Columns by number, where some of them say which layout it is. */
struct layout_test {
	unsigned column; /* from 0 */
	const char *const *values;
};
struct layout {
	unsigned ntests, ncolumns;
	struct layout_test *tests;
	struct key_slot *columns; /* no field and no split: passed over */
};

struct normaliser {
	const char *name;
	const struct toc_yaml *root, *like; /* like: of the normaliser whose fields it has; NULL = its own */
	enum form form;
	struct normaliser *next;     /* requires the same name first */
	bool mail;		     /* its texts are stripped of addresses, subjects and file names */
	bool last;		     /* asked after all others, patterns too */
	bool rest;		     /* names without a field go to the list structured_data */
	unsigned kind;		     /* index of its kind's declaration */
	unsigned first, nfields;     /* its fields' declarations */
	bool names_header;	     /* some of them are named as the header's: then those count */
	unsigned ntexts, texts_room; /* FORM_TEXT */
	struct pattern_text *texts;
	const char *const *programs; /* FORM_TEXT */
	const char *const *require;  /* payloads: names that must be there */
	const char *const *time;     /* payloads without a header's time: names, joined by a space where two */
	unsigned nunset;
	uint64_t unset_lengths;	      /* modulo 64 */
	const struct toc_span *unset; /* values that stand for nothing */
	const char *const *strip;     /* beginnings of payloads' names that are left out */
	struct payload_style style;   /* of pairs */
	uint8_t separator;	      /* of columns */
	unsigned nlayouts;
	struct layout *layouts;
	struct key_slot *keys;
	unsigned key_mask;
	struct key_slot *folded; /* last only: the same, by names without case, `_ - .` and spaces; what is listed first counts */
};

/* A pattern's text, one for each of its variants. */
struct pattern_text {
	struct toc_span text;
	unsigned rule;
	struct toc_place at;
};

/* Some programs' lines (programs.c). */
struct program {
	struct toc_span name;
	unsigned n, room;
	unsigned *by;		     /* the normalisers that name it, in the order of their files; n = 0: nobody does */
	struct pattern_graph *graph; /* of their patterns; shared with programs of the same normalisers */
	bool mail;		     /* a mail program: its texts name people who only wrote to each other */
};

struct toc_normalisers {
	struct toc_arena *arena;
	struct toc_intern *names;
	unsigned n, room;
	struct normaliser *all;
	unsigned nrules, rules_room;
	struct rule *rules;
	struct program *programs; /* open addressing */
	unsigned program_mask, nprograms;
	unsigned nprefixes; /* programs that end in a star: a part of their name */
	struct program *prefixes;
	struct required *required; /* choose.c */
	unsigned required_mask;
	uint64_t required_lengths; /* of names that somebody requires, modulo 64 */
	const struct normaliser *fallback[FORMS]; /* last of all: that require nothing */
	struct program any;	   /* programs: ['*'] */
	unsigned nfields, fields_room;
	struct toc_field_decl *fields; /* LINE_FIELDS of lines first */
	toc_field *map;		       /* ids, by the same index */
};

/* What a payload's name stands for, or NULL when it is not wanted. */
const struct key_slot *normaliser_key(const struct normaliser *n, struct toc_span name);
/* The same whatever the name's case and its `_`, `-`, `.` and spaces (srcIp, SRC_IP, "Src IP"), and then without its
 * first parts ("actor.email": email); NULL too where the normaliser is not the last. *part: some of it was left out. */
const struct key_slot *normaliser_folded(const struct normaliser *n, struct toc_span name, bool *part);
/* The columns of a payload of values, or NULL: no layout fits. */
const struct layout *normaliser_layout(const struct normaliser *n, const struct payload *p);

/* choose.c: the first normaliser of the form that finds all that it requires. */
void choose_prepare(struct toc_normalisers *n);
const struct normaliser *choose(const struct toc_normalisers *n, const struct payload *p, enum form form, bool last);

/* load_shape.c: how a normaliser's payloads are laid out. */
struct shape_reading {
	struct toc_normalisers *n;
	struct normaliser *now;
	struct toc_diag *diag;
	int (*field)(void *user, struct toc_span name); /* as for patterns */
	void *user;
};
void shape_read(struct shape_reading *r, const struct toc_yaml *root);

#endif
