/*
 * screen - drawn by ncurses: terminals over ssh differ in what they obey, and terminfo knows how. What is drawn has
 * come through cli_safe.
 */
#define _XOPEN_SOURCE_EXTENDED 1
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plain.h"
#include "cli/safe.h"
#include "cli/screen_state.h"

enum { HEAD = 2, FOOT = 2, ESCAPE = 27, REFRESH_MS = 1000 };

unsigned screen_height(void)
{
	return LINES > HEAD + FOOT ? (unsigned)(LINES - HEAD - FOOT) : 1;
}

/* --- what is shown ------------------------------------------------------------------------------------------------ */

static bool stands_for(const struct row *r, const struct cli_alert *a)
{
	return r->a->group == a->group && strcmp(r->a->rule, a->rule) == 0 && strcmp(r->a->key, a->key) == 0 &&
	       r->a->now.acked == a->now.acked && r->a->now.closed == a->now.closed;
}

/* Alerts of one rule and key are one row, with their number. */
static void place(struct screen *s, struct cli_alert *a)
{
	for (unsigned i = 0; !s->apart && i < s->nrows; i++)
		if (stands_for(&s->rows[i], a)) {
			s->rows[i].times++;
			return;
		}
	if (s->nrows < ROWS)
		s->rows[s->nrows++] = (struct row){ a, 1 };
}

void screen_gather(struct screen *s)
{
	unsigned n;
	struct cli_alert *const *all = cli_board_alerts(s->config.board, &n);
	int64_t now = s->config.now(s->config.user);
	s->nrows = s->shown = s->fresh = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!cli_filter_holds(&s->filter, all[i], s->config.uid, now))
			continue;
		s->shown++;
		s->fresh += !all[i]->now.acked && !all[i]->now.closed;
		place(s, all[i]);
	}
	for (unsigned i = 0; i < s->nrows; i++)
		if (strcmp(s->rows[i].a->id, s->current) == 0)
			s->cursor = i;
	if (s->cursor >= s->nrows)
		s->cursor = s->nrows ? s->nrows - 1 : 0;
	if (s->open && s->nrows) {
		s->lines.n = 0;
		cli_detail(s->rows[s->cursor].a, now, &s->lines);
	}
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static void put_line(int y, const char *text, int attributes)
{
	char clean[CLI_LINE * 2];
	cli_safe(toc_span_str(text), COLS > 0 ? (unsigned)COLS : 1, clean, sizeof(clean));
	attrset(attributes);
	mvaddstr(y, 0, clean);
	clrtoeol();
	attrset(A_NORMAL);
}

static void draw_list(struct screen *s)
{
	char line[CLI_LINE], marked[CLI_LINE + 1];
	int64_t now = s->config.now(s->config.user);
	unsigned height = screen_height();
	if (s->cursor < s->top)
		s->top = s->cursor;
	if (s->cursor >= s->top + height)
		s->top = s->cursor - height + 1;
	snprintf(marked, sizeof(marked), " %s", cli_row_head);
	put_line(1, marked, A_UNDERLINE);
	for (unsigned i = 0; i < height; i++) {
		const struct row *r = s->top + i < s->nrows ? &s->rows[s->top + i] : NULL;
		int y = HEAD + (int)i;
		if (!r) {
			put_line(y, i == 0 && !s->nrows ? "  Nothing here. (filter: / and Enter shows everything)" : "",
				 A_NORMAL);
			continue;
		}
		bool heavy = r->a->severity >= 4 && !r->a->now.acked;
		cli_row(r->a, r->times, now, COLS > 1 ? (unsigned)COLS - 1 : 1, line);
		snprintf(marked, sizeof(marked), "%c%s", r->a->marked ? '*' : ' ', line);
		put_line(y, marked, (s->top + i == s->cursor ? (int)A_REVERSE : 0) | (heavy ? (int)A_BOLD : 0));
	}
}

static void draw_text(struct screen *s, const char *title, unsigned n,
		      const char *(*line)(struct screen *s, unsigned i))
{
	unsigned height = screen_height();
	if (s->top + height > n)
		s->top = n > height ? n - height : 0;
	put_line(1, title, A_UNDERLINE);
	for (unsigned i = 0; i < height; i++)
		put_line(HEAD + (int)i, s->top + i < n ? line(s, s->top + i) : "", A_NORMAL);
}

static const char *detail_line(struct screen *s, unsigned i)
{
	return s->lines.at[i];
}

static const char *help_line(struct screen *s, unsigned i)
{
	(void)s;
	return screen_help[i];
}

static void draw_frame(struct screen *s)
{
	char line[1024];
	snprintf(line, sizeof(line), "tocsin  %s  %s   %u alerts, %u new   %s%s", s->config.uid, s->config.routes,
		 s->shown, s->fresh, s->filter_text[0] ? "filter: " : "", s->filter_text);
	put_line(0, line, A_BOLD);
	put_line(LINES - 2, s->message, A_NORMAL);
	put_line(LINES - 1,
		 s->open ? "a ack n note s assign e escalate c close x exempt u undo  up/down scroll  q back"
			 : "Enter open a ack n note s assign e escalate c close u undo / filter ? help",
		 A_REVERSE);
}

void screen_draw(struct screen *s)
{
	char title[128];
	unsigned n = 0;
	erase();
	draw_frame(s);
	while (screen_help[n])
		n++;
	if (s->help) {
		draw_text(s, "Keys and filters", n, help_line);
	} else if (s->preview) {
		draw_text(s, "An exemption: what it would have kept back", s->lines.n, detail_line);
	} else if (s->open && s->nrows) {
		snprintf(title, sizeof(title), "Alert %u of %u, lines from %u of %u", s->cursor + 1, s->nrows,
			 s->top + 1, s->lines.n);
		draw_text(s, title, s->lines.n, detail_line);
	} else {
		draw_list(s);
	}
	move(LINES - 2, 0);
	refresh();
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* One byte of a line that is typed: UTF-8's later ones go with their first. */
static size_t rub_out(char *text, size_t n)
{
	while (n && (text[n - 1] & 0xc0) == 0x80)
		n--;
	n -= n > 0;
	text[n] = '\0';
	return n;
}

bool screen_ask(struct screen *s, const char *question, char *out, size_t room)
{
	char line[TYPED * 2 + 128];
	size_t n = strlen(out);
	timeout(-1);
	for (;;) {
		snprintf(line, sizeof(line), "%s %s", question, out);
		put_line(LINES - 2, line, A_BOLD);
		refresh();
		int key = getch();
		if (key == '\n' || key == '\r' || key == KEY_ENTER || key == ESCAPE || key == ERR) {
			timeout(REFRESH_MS);
			return key != ESCAPE && key != ERR;
		}
		if (key == KEY_RESIZE)
			screen_draw(s);
		else if (key == KEY_BACKSPACE || key == 127 || key == 8)
			n = rub_out(out, n);
		else if (key >= 0x20 && key < 0x100 && key != 0x7f && n + 1 < room) {
			out[n++] = (char)key;
			out[n] = '\0';
		}
	}
}

/* --- life --------------------------------------------------------------------------------------------------------- */

static void read_news(struct screen *s)
{
	char err[MESSAGE];
	if (cli_board_read(s->config.board, err, sizeof(err)) < 0)
		snprintf(s->message, sizeof(s->message), "%.360s; what is shown is old", err);
	screen_gather(s);
}

bool cli_screen(const struct cli_screen_config *config, char *err, size_t room)
{
	struct screen *s = calloc(1, sizeof(*s));
	if (!s)
		abort();
	s->config = *config;
	snprintf(s->filter_text, sizeof(s->filter_text), "%s", config->filter ? config->filter : "");
	bool ok = cli_filter_parse(s->filter_text, &s->filter, err, room);
	SCREEN *terminal = ok ? newterm(NULL, stdout, stdin) : NULL;
	if (ok && !terminal)
		snprintf(err, room, "this is no terminal that terminfo knows (TERM); `tocsin alerts list` needs none");
	if (!terminal) {
		free(s);
		return false;
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(50);
	timeout(REFRESH_MS);
	while (!s->over) {
		read_news(s);
		screen_draw(s);
		int key = getch();
		if (key != ERR)
			screen_key(s, key);
	}
	endwin();
	delscreen(terminal);
	cli_lines_free(&s->lines);
	free(s);
	return true;
}
