/* landlock - what a process may reach in the file system and the network by the kernel's own word (landlock(7)). */
#ifndef APP_LANDLOCK_H
#define APP_LANDLOCK_H

/*
 * From now on this thread and those that it starts can open, make, remove and execute no file, and, as far as the
 * kernel's version of Landlock goes, bind and connect no TCP socket, reach no abstract socket and signal no other
 * process. What is open stays usable. Needs no_new_privs. Returns that version, 0 where the kernel has none, -1: errno
 * tells.
 */
int toc_landlock_all(void);

#endif
