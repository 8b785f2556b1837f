/* mutate_main - `mutate`: writes N mutated frames (as a capture) or log lines to standard output, made of those of
 * stored files. */
#include "mutate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct written w = { 0 };
	if (argc < 6) {
		fprintf(stderr, "usage: mutate packets|lines SEED COUNT PERCENT FILE...\n"
				"PERCENT of COUNT are mutated, the others are as they stand in the files.\n");
		return 2;
	}
	struct dice d = { strtoull(argv[2], NULL, 10) };
	uint64_t count = strtoull(argv[3], NULL, 10);
	unsigned percent = (unsigned)strtoul(argv[4], NULL, 10);
	int status = strcmp(argv[1], "packets") == 0 ? write_packets(&d, count, percent, argv + 5, &w)
						     : write_lines(&d, count, percent, argv + 5, &w);
	if (fflush(stdout) != 0)
		status = 1;
	fprintf(stderr, "wrote %" PRIu64 ", %" PRIu64 " of them mutated, empty %" PRIu64 ", too long %" PRIu64 "\n",
		w.count, w.mutated, w.empty, w.cut);
	return status;
}
