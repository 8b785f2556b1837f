/* board - the alerts of somebody's routes with what people made of them: streams read and folded, nothing consumed. */
#ifndef CLI_BOARD_H
#define CLI_BOARD_H

#include "alert/people.h"
#include "cli/tree.h"
#include "deliver/ask.h"

enum { CLI_ROUTES = 32, CLI_STATE_ID = 96 };

/* What a person did to an alert. A note is kept whatever else happened; of the rest only what its author saw the newest
 * of counts. */
enum cli_deed { CLI_ACK, CLI_NOTE, CLI_ASSIGN, CLI_ESCALATE, CLI_CLOSE, CLI_EXEMPT, CLI_UNDO, CLI_DEEDS };
extern const char *const cli_deed_names[CLI_DEEDS];

/* "true", "false", "benign", "unknown": what an alert turned out to be. */
extern const char *const cli_verdicts[];
bool cli_is_verdict(const char *text);

struct cli_event;

/* Work that was announced (`tocsin maintenance`): nobody was told of an alert within it unless it is critical. OVER: it
 * goes on although the work should be over. */
enum cli_work { CLI_NO_WORK, CLI_WORK, CLI_WORK_OVER };

struct cli_standing {
	bool acked, closed, escalated;
	const char *by;			/* who did the last of it */
	const char *assignee;		/* NULL = nobody */
	const char *verdict;		/* NULL = none */
	const char *to;			/* escalated to that route */
	const struct cli_event *exempt; /* the sensor was asked to tell no more of its rule and key; NULL = not */
};

struct cli_event {
	char id[CLI_STATE_ID]; /* PERSON/STREAM-ID */
	uint64_t ms, seq;      /* of the stream's id */
	unsigned rev;	       /* of the alert that its author saw */
	const char *person, *note, *verdict, *to, *on;
	const char *route; /* of the stream it stands in */
	unsigned days;	   /* of an exemption */
	enum cli_deed deed;
	bool conflict;		    /* its author had not seen the one before: without effect */
	struct cli_standing before; /* what an undo goes back to */
};

struct cli_alert {
	char id[33];
	unsigned rev, severity;
	uint64_t count;
	char act;	     /* of the newest revision: c, u, x = closed by the sensor */
	int64_t first, last; /* ms */
	char *json;	     /* the newest revision, NUL-terminated */
	char *route, *rule, *title, *message, *key;
	struct cli_event **events; /* by time */
	unsigned nevents, room;
	struct cli_standing now;
	char head[CLI_STATE_ID]; /* the newest deed that counts; "-" = none */
	enum cli_work work;
	unsigned acked_rev; /* the revision that was acknowledged; 0 = none */
	unsigned conflicts;
	uint64_t group;	  /* of the same rule and key */
	bool marked;	  /* by the person at the screen */
	unsigned printed; /* revision that --follow has told */
};

struct cli_board;

struct cli_board_config {
	struct toc_asker *redis;	 /* borrowed */
	const char *uid;		 /* who looks */
	const struct toc_people *people; /* NULL = nobody else is known */
	const char *const *routes;	 /* NULL-terminated, at most CLI_ROUTES */
	int64_t since_ms;		 /* older revisions are not read */
	bool deeds_only; /* no alerts are read: what an alert is called by in deeds is all there is of it */
};

/* Owned by the caller. */
struct cli_board *cli_board_new(const struct cli_board_config *config);
void cli_board_free(struct cli_board *b);

/* There are more deeds or alerts than are read; those that came last are left out. */
bool cli_board_full(const struct cli_board *b);

/* Reads what is new since the last call. -1: err tells; else the number of entries read. */
int cli_board_read(struct cli_board *b, char *err, size_t err_size);

/* The alerts: open ones of the highest severity first, the newest first among these. Valid until the next read. */
struct cli_alert *const *cli_board_alerts(struct cli_board *b, unsigned *n);

/* By id, or the beginning of one that is no other's; NULL: *many says whether it fits several. */
struct cli_alert *cli_board_find(struct cli_board *b, const char *id, bool *many);

/* For tests: one entry as it stands in Redis. fields: names and values in turn. */
bool cli_board_take_alert(struct cli_board *b, const char *route, unsigned n, const struct toc_span *fields);
bool cli_board_take_event(struct cli_board *b, const char *person, const char *stream_id, unsigned n,
			  const struct toc_span *fields);

#endif
