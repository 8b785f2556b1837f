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
	LINE_MESSAGE,
	LINE_DEVICE_TS,
	LINE_COUNT,
	LINE_TRUNCATED,
	LINE_FIELDS
};

enum form { FORM_TEXT, FORM_JSON, FORM_PAIRS };

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

/* Name in a payload to field: open addressing. */
struct key_slot {
	struct toc_span name;
	unsigned field;
};

struct normaliser {
	const char *name;
	const struct toc_yaml *root;
	enum form form;
	unsigned kind;		     /* index of its kind's declaration */
	unsigned first, nfields;     /* its fields' declarations */
	const char *const *programs; /* FORM_TEXT */
	const char *const *require;  /* payloads: names that must be there */
	const char *const *time;     /* payloads without a header's time: names, joined by a space where two */
	const char *const *unset;    /* values that stand for nothing */
	struct key_slot *keys;
	unsigned key_mask;
};

struct program {
	struct toc_span name;
	struct pattern_graph *graph;
};

struct toc_normalisers {
	struct toc_arena *arena;
	struct toc_intern *names;
	unsigned n, room;
	struct normaliser *all;
	unsigned nrules, rules_room;
	struct rule *rules;
	struct program *programs; /* open addressing */
	unsigned program_mask;
	unsigned nfields, fields_room;
	struct toc_field_decl *fields; /* LINE_FIELDS of lines first */
	toc_field *map;		       /* ids, by the same index */
};

/* The graph of a program's patterns, or NULL. */
const struct pattern_graph *normalisers_graph(const struct toc_normalisers *n, struct toc_span app);
/* The field of a payload's name, or 0 when it is not wanted. */
unsigned normaliser_key(const struct normaliser *n, struct toc_span name);

#endif
