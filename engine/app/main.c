/* main - the sub-command by its name. */
#include "app/command.h"

int main(int argc, char **argv)
{
	return toc_command_dispatch(argc, argv);
}
