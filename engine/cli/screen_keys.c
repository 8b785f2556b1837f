/* screen_keys - a table of keys, each with what it does. */
#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exempt.h"
#include "cli/screen_state.h"

const char *const screen_help[] = {
	"up, down, j, k        move; PgUp, PgDn, g, G: a page, the first, the last",
	"Enter                 open the alert; q or Esc: back",
	"space, A              mark one, mark all that are shown (again: none)",
	"a                     acknowledge: verdict (true, false, benign, unknown), note",
	"n                     add a note",
	"s                     assign: to whom (Enter: to you)",
	"e                     escalate: to which route",
	"c                     close: verdict, note",
	"x                     exempt rule and key: days, why; shows first what that keeps back",
	"u                     undo the last deed (again: redo it)",
	"H                     hand over all that is yours: to whom, note",
	"t                     alerts of one rule and key together, or each apart",
	"/                     filter (Enter on nothing: everything)",
	"q                     quit",
	"",
	"What you do goes for the marked ones, else for the row: all alerts that it stands for.",
	"STATE: new, ack, done; ack* has grown since; (..) somebody's deed was in conflict.",
	"SV: severity; > the episode goes on. (work): in announced work, which nobody is told of.",
	"",
	"Filters: is:new is:acked is:closed is:open is:engaged is:past is:mine is:escalated",
	"         is:conflict is:grown is:exempt is:work   sev>=4   age<2h   count>100   rule:X route:ts who:amy",
	"         verdict:true id:0a1b   any other word: in title, sentence, key.  - says not",
	NULL
};

static void say(struct screen *s, const char *text)
{
	snprintf(s->message, sizeof(s->message), "%s", text);
}

/* --- moving ------------------------------------------------------------------------------------------------------- */

static void move_by(struct screen *s, long by)
{
	if (s->open || s->help) {
		long to = (long)s->top + by;
		s->top = to > 0 ? (unsigned)to : 0;
		return;
	}
	long to = (long)s->cursor + by;
	if (to >= (long)s->nrows)
		to = (long)s->nrows - 1;
	s->cursor = to > 0 ? (unsigned)to : 0;
	if (s->nrows)
		memcpy(s->current, s->rows[s->cursor].a->id, sizeof(s->current));
}

static void on_up(struct screen *s)
{
	move_by(s, -1);
}

static void on_down(struct screen *s)
{
	move_by(s, 1);
}

static void on_page_up(struct screen *s)
{
	move_by(s, -(long)screen_height());
}

static void on_page_down(struct screen *s)
{
	move_by(s, (long)screen_height());
}

static void on_first(struct screen *s)
{
	move_by(s, -(long)ROWS);
}

static void on_last(struct screen *s)
{
	move_by(s, ROWS);
}

static void on_open(struct screen *s)
{
	if (!s->nrows || s->help)
		return;
	move_by(s, 0);
	s->open = true;
	s->top = 0;
}

static void on_back(struct screen *s)
{
	s->over = !s->open && !s->help;
	if (!s->help)
		s->open = false;
	s->help = false;
	s->top = 0;
}

static void on_help(struct screen *s)
{
	s->help = true;
	s->top = 0;
}

static void on_apart(struct screen *s)
{
	s->apart = !s->apart;
	say(s, s->apart ? "each alert apart" : "alerts of one rule and key together");
}

static void on_filter(struct screen *s)
{
	char text[CLI_FILTER_TEXT], err[MESSAGE];
	struct cli_filter next;
	memcpy(text, s->filter_text, sizeof(text));
	if (!screen_ask(s, "filter:", text, sizeof(text)))
		return;
	if (!cli_filter_parse(text, &next, err, sizeof(err))) {
		say(s, err);
		return;
	}
	s->filter = next;
	memcpy(s->filter_text, text, sizeof(text));
	s->cursor = s->top = 0;
	s->current[0] = '\0';
}

/* --- which ones --------------------------------------------------------------------------------------------------- */

static bool in_row(const struct screen *s, const struct cli_alert *a)
{
	const struct cli_alert *top = s->rows[s->cursor].a;
	return a == top ||
	       (!s->apart && a->group == top->group && strcmp(a->rule, top->rule) == 0 &&
		strcmp(a->key, top->key) == 0 && a->now.acked == top->now.acked && a->now.closed == top->now.closed);
}

static bool is_shown(const struct screen *s, const struct cli_alert *a)
{
	return cli_filter_holds(&s->filter, a, s->config.uid, s->config.now(s->config.user));
}

static void on_mark(struct screen *s)
{
	unsigned n;
	struct cli_alert *const *all = cli_board_alerts(s->config.board, &n);
	if (!s->nrows)
		return;
	bool to = !s->rows[s->cursor].a->marked;
	for (unsigned i = 0; i < n; i++)
		if (is_shown(s, all[i]) && in_row(s, all[i]))
			all[i]->marked = to;
	move_by(s, 1);
}

static void on_mark_all(struct screen *s)
{
	unsigned n;
	struct cli_alert *const *all = cli_board_alerts(s->config.board, &n);
	bool to = s->nrows && !s->rows[0].a->marked;
	for (unsigned i = 0; i < n; i++)
		all[i]->marked = to && is_shown(s, all[i]);
}

/* The marked ones, else those of the row; in an open alert that one. The caller frees it. */
static struct cli_alert **chosen(struct screen *s, unsigned *n)
{
	unsigned all_n, marked = 0;
	struct cli_alert *const *all = cli_board_alerts(s->config.board, &all_n);
	struct cli_alert **out = calloc(all_n + 1, sizeof(*out));
	*n = 0;
	if (!out || !s->nrows)
		return out;
	for (unsigned i = 0; i < all_n && !s->open; i++)
		marked += all[i]->marked;
	for (unsigned i = 0; i < all_n; i++)
		if (s->open  ? all[i] == s->rows[s->cursor].a
		    : marked ? all[i]->marked
			     : is_shown(s, all[i]) && in_row(s, all[i]))
			out[(*n)++] = all[i];
	return out;
}

/* --- doing -------------------------------------------------------------------------------------------------------- */

static void do_to(struct screen *s, struct cli_alert *const *alerts, unsigned n, struct cli_deed_made deed)
{
	char err[MESSAGE] = "";
	unsigned done = 0;
	for (unsigned i = 0; i < n; i++) {
		deed.alert = alerts[i];
		done += cli_deed_write(s->config.redis, s->config.uid, &deed, err, sizeof(err));
		alerts[i]->marked = false;
	}
	if (err[0])
		snprintf(s->message, sizeof(s->message), "%s: %u of %u; %.300s", cli_deed_names[deed.deed], done, n,
			 err);
	else
		snprintf(s->message, sizeof(s->message), "%s: %u alert%s", cli_deed_names[deed.deed], done,
			 done == 1 ? "" : "s");
}

static void do_it(struct screen *s, struct cli_deed_made deed)
{
	unsigned n;
	struct cli_alert **alerts = chosen(s, &n);
	if (alerts && n)
		do_to(s, alerts, n, deed);
	free(alerts);
}

/* t, tr, true: the verdict that begins so; NULL: none. */
static const char *verdict_of(const char *typed)
{
	for (const char *const *v = cli_verdicts; *typed && *v; v++)
		if (strncmp(*v, typed, strlen(typed)) == 0)
			return *v;
	return NULL;
}

static void judge(struct screen *s, enum cli_deed deed)
{
	char verdict[TYPED] = "", note[TYPED] = "";
	if (!s->nrows || !screen_ask(s, "verdict (true, false, benign, unknown):", verdict, sizeof(verdict)))
		return;
	const char *word = verdict_of(verdict);
	if (!word && !(deed == CLI_CLOSE && !verdict[0])) {
		say(s, "a verdict is one of true, false, benign, unknown");
		return;
	}
	if (screen_ask(s, "note (Enter: none):", note, sizeof(note)))
		do_it(s, (struct cli_deed_made){ .deed = deed, .verdict = word, .note = note });
}

static void on_ack(struct screen *s)
{
	judge(s, CLI_ACK);
}

static void on_close(struct screen *s)
{
	judge(s, CLI_CLOSE);
}

static void on_note(struct screen *s)
{
	char note[TYPED] = "";
	if (s->nrows && screen_ask(s, "note:", note, sizeof(note)))
		do_it(s, (struct cli_deed_made){ .deed = CLI_NOTE, .note = note });
}

static void on_assign(struct screen *s)
{
	char to[TYPED] = "";
	if (s->nrows && screen_ask(s, "assign to (Enter: you):", to, sizeof(to)))
		do_it(s, (struct cli_deed_made){ .deed = CLI_ASSIGN, .to = to[0] ? to : s->config.uid });
}

static void on_escalate(struct screen *s)
{
	char to[TYPED] = "da";
	if (s->nrows && screen_ask(s, "escalate to route:", to, sizeof(to)))
		do_it(s, (struct cli_deed_made){ .deed = CLI_ESCALATE, .to = to[0] ? to : NULL });
}

/* One alert's rule and key, whatever is marked: what it would have kept back stands there while it is asked. */
static void on_exempt(struct screen *s)
{
	char days[TYPED] = "30", why[TYPED] = "", yes[TYPED] = "", err[MESSAGE] = "";
	struct cli_effect effect;
	if (!s->nrows || !cli_exempt_may(s->config.people, s->config.uid, err, sizeof(err))) {
		say(s, err);
		return;
	}
	const struct cli_alert *a = s->rows[s->cursor].a;
	if (!screen_ask(s, "exempt its rule and key for how many days (1 to 90):", days, sizeof(days)) ||
	    !screen_ask(s, "why:", why, sizeof(why)))
		return;
	const struct cli_deed_made deed = {
		.alert = a, .deed = CLI_EXEMPT, .note = why, .days = (unsigned)strtoul(days, NULL, 10)
	};
	cli_effect_read(s->config.board, a, &effect);
	s->lines.n = s->top = 0;
	cli_effect_lines(&effect, deed.days, s->config.now(s->config.user), &s->lines);
	cli_effect_free(&effect);
	s->preview = true;
	screen_draw(s);
	if (!screen_ask(s, "type yes to ask the sensor for it:", yes, sizeof(yes)) || strcmp(yes, "yes") != 0)
		say(s, "nothing was done");
	else if (cli_deed_write(s->config.redis, s->config.uid, &deed, err, sizeof(err)))
		say(s, "exempt: asked for; the sensor answers in the alert's history");
	else
		say(s, err);
	s->preview = false;
	s->lines.n = 0;
}

static void on_undo(struct screen *s)
{
	do_it(s, (struct cli_deed_made){ .deed = CLI_UNDO });
}

static void on_hand_over(struct screen *s)
{
	char to[TYPED] = "", note[TYPED] = "";
	unsigned n, mine = 0;
	struct cli_alert *const *all = cli_board_alerts(s->config.board, &n);
	if (!screen_ask(s, "hand over all of yours to:", to, sizeof(to)) || !to[0] ||
	    !screen_ask(s, "note (Enter: none):", note, sizeof(note)))
		return;
	struct cli_alert **list = calloc(n + 1, sizeof(*list));
	for (unsigned i = 0; list && i < n; i++)
		if (!all[i]->now.closed && all[i]->now.assignee && strcmp(all[i]->now.assignee, s->config.uid) == 0)
			list[mine++] = all[i];
	if (list)
		do_to(s, list, mine, (struct cli_deed_made){ .deed = CLI_ASSIGN, .to = to, .note = note });
	free(list);
}

static const struct {
	int key;
	void (*act)(struct screen *s);
} keys[] = { { KEY_UP, on_up },		{ 'k', on_up },
	     { KEY_DOWN, on_down },	{ 'j', on_down },
	     { KEY_PPAGE, on_page_up }, { KEY_NPAGE, on_page_down },
	     { 'g', on_first },		{ KEY_HOME, on_first },
	     { 'G', on_last },		{ KEY_END, on_last },
	     { '\n', on_open },		{ '\r', on_open },
	     { KEY_ENTER, on_open },	{ 'q', on_back },
	     { 27, on_back },		{ '?', on_help },
	     { 't', on_apart },		{ '/', on_filter },
	     { ' ', on_mark },		{ 'A', on_mark_all },
	     { 'a', on_ack },		{ 'c', on_close },
	     { 'n', on_note },		{ 's', on_assign },
	     { 'e', on_escalate },	{ 'u', on_undo },
	     { 'x', on_exempt },	{ 'H', on_hand_over } };

void screen_key(struct screen *s, int key)
{
	s->message[0] = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key) {
			keys[i].act(s);
			return;
		}
}
