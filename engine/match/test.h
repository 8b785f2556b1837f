/* test - one test of one field: what a detection item compiles to. */
#ifndef MATCH_TEST_H
#define MATCH_TEST_H

#include <hs/hs.h>

#include "base/intern.h"
#include "base/zone.h"
#include "match/list.h"
#include "match/match.h"
#include "match/pattern.h"

enum toc_test_kind {
	TOC_TEST_PRESENT, /* set, whatever it holds */
	TOC_TEST_STRING,
	TOC_TEST_NUMBER,  /* equal, as a number; as text where the event's value is none */
	TOC_TEST_COMPARE, /* lt lte gt gte */
	TOC_TEST_BOOL,
	TOC_TEST_NETWORK,
	TOC_TEST_REGEX,
	TOC_TEST_LIST,
	TOC_TEST_FIELD, /* another field's value */
	TOC_TEST_PART,	/* minute, hour … of a time, compared */
	TOC_TEST_BEFORE /* the event happened (ts) before a moment; asks no field */
};

enum toc_compare { TOC_CMP_LT, TOC_CMP_LTE, TOC_CMP_GT, TOC_CMP_GTE, TOC_CMP_EQ };
enum toc_time_part { TOC_PART_MINUTE, TOC_PART_HOUR, TOC_PART_DAY, TOC_PART_WEEK, TOC_PART_MONTH, TOC_PART_YEAR };

/* One expression, compiled alone; the same text and flags are the same object. */
struct toc_regex {
	const char *text;
	unsigned flags; /* HS_FLAG_ */
	const hs_database_t *db;
	const struct toc_pattern *literal; /* occurs in whatever it matches; NULL: nothing is known to */
};

struct toc_test {
	enum toc_test_kind kind;
	bool keyword; /* any string of the event, not a field: STRING, REGEX */
	struct toc_fieldset field;
	struct toc_pattern pattern; /* STRING; NUMBER: its text */
	enum toc_compare compare;
	enum toc_time_part part;
	const struct toc_zone *zone; /* PART: of the site; NULL = UTC */
	double number;		     /* NUMBER, COMPARE, PART */
	toc_time time;		     /* BEFORE */
	bool yes;		     /* BOOL */
	struct toc_addr net;
	unsigned bits;
	const struct toc_regex *regex;
	const struct toc_list *list;
	struct toc_fieldset other;  /* FIELD */
	enum pattern_form relation; /* FIELD: EXACT, PREFIX, SUFFIX, CONTAINS */
	bool cased;		    /* FIELD */
};

/* Does any value of the field satisfy the test? An unset field satisfies none. */
bool toc_test_holds(const struct toc_test *t, const struct toc_view *view, hs_scratch_t *scratch);

/* Does this one value, which is no list? */
bool toc_test_value(const struct toc_test *t, const struct toc_value *v, const struct toc_view *view,
		    hs_scratch_t *scratch);

/* Text of a value that is no list: borrowed where it is a string (as much as a draft takes), else written to room. */
enum { TOC_TEST_TEXT = 64 };
struct toc_span toc_test_text(const struct toc_value *v, char room[TOC_TEST_TEXT]);

/* The three words of a test for people: field names, relation, value. Returns snprintf's length. */
int toc_test_print(const struct toc_test *t, const struct toc_intern *names, char *out, size_t room);

#endif
