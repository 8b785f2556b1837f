/* filter - which alerts are shown: words and conditions, all of which must hold. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/board.h"

/*
 * Separated by spaces; in front of each `-` says not; "…" keeps spaces together:
 *   is:new|acked|closed|open|engaged|past|mine|escalated|conflict|grown   sev:4 sev>=3   age<2h age>1d   count>100
 *   rule:TEXT route:ROUTE id:PREFIX who:UID verdict:WORD   and any other word: in title, sentence or key, either case
 */
enum { CLI_TERMS = 16, CLI_FILTER_TEXT = 256 };

struct cli_term {
	bool not ;
	char relation; /* ':' '<' '>' 'l' (at most) 'g' (at least) */
	unsigned field;
	double number;
	char text[64];
};

struct cli_filter {
	unsigned n;
	struct cli_term terms[CLI_TERMS];
};

/* false: err names what is wrong; *out holds all of nothing then. */
bool cli_filter_parse(const char *text, struct cli_filter *out, char *err, size_t room);

/* uid: who looks (is:mine); now_ms: for ages. */
bool cli_filter_holds(const struct cli_filter *f, const struct cli_alert *a, const char *uid, int64_t now_ms);

#endif
