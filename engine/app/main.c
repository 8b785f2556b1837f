/* main - the sub-command by its name. */
#include "app/command.h"
#include "base/log.h"

int main(int argc, char **argv)
{
	toc_log_begin();
	return toc_command_dispatch(argc, argv);
}
