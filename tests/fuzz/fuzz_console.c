/* fuzz_console - what lies in Redis as the responder's terminal reads it: entries of alerts and deeds, filters,
 * details, EVE. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/detail.h"
#include "cli/eve.h"
#include "cli/filter.h"
#include "cli/plain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Fields are separated by bytes 0xff. */
static unsigned split(struct toc_span in, struct toc_span *out, unsigned most)
{
	unsigned k = 0;
	while (in.n && k < most) {
		size_t end = toc_span_find(in, 0xff);
		out[k++] = toc_span_first(in, end);
		in = toc_span_from(in, end + 1);
	}
	return k;
}

static void check(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			abort();
}

static void look_at(struct cli_board *board)
{
	struct cli_lines lines = { 0 };
	char row[CLI_LINE];
	unsigned n;
	FILE *out = fopen("/dev/null", "w");
	struct cli_alert *const *all = cli_board_alerts(board, &n);
	for (unsigned i = 0; out && i < n; i++) {
		lines.n = 0;
		cli_detail(all[i], 1, &lines);
		for (unsigned k = 0; k < lines.n; k++)
			check(lines.at[k]);
		cli_row(all[i], 2, 1, 80, row);
		check(row);
		cli_json(all[i], out);
		cli_eve(all[i], out);
	}
	cli_lines_free(&lines);
	if (out)
		fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const routes[] = { "ts", NULL };
	const struct cli_board_config config = { .uid = "amy", .routes = routes };
	struct cli_board *board = cli_board_new(&config);
	struct toc_span in = toc_span_of(data, n), fields[20];
	struct cli_filter filter;
	char text[CLI_FILTER_TEXT], err[128];
	/* entries are separated by bytes 0xfe */
	while (in.n) {
		size_t end = toc_span_find(in, 0xfe);
		unsigned k = split(toc_span_first(in, end), fields, 20);
		cli_board_take_alert(board, "ts", k, fields);
		cli_board_take_event(board, "amy", "1-1", k, fields);
		in = toc_span_from(in, end + 1);
	}
	look_at(board);
	snprintf(text, sizeof(text), "%.*s", (int)(n < 255 ? n : 255), (const char *)data);
	if (cli_filter_parse(text, &filter, err, sizeof(err))) {
		unsigned count;
		struct cli_alert *const *all = cli_board_alerts(board, &count);
		for (unsigned i = 0; i < count; i++)
			cli_filter_holds(&filter, all[i], "amy", 1);
	}
	cli_board_free(board);
	return 0;
}
