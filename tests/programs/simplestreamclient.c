/* TCP: sends one line of its input, prints one answer. */
#include "guide.h"

int main(int argc, char **argv) {
    char answer[4096], *line = NULL;
    size_t room = 0;
    struct edits edits = edited(&argc, &argv, AF_UNSPEC, "");
    if (argc != 3)
        give_up("usage: simplestreamclient HOSTNAME PORT", 1);
    edits.port = argv[2];
    struct addrinfo *chosen, *list = look_up(argv[1], edits, SOCK_STREAM);
    int fd = first_usable(list, "[client]", "connect", connect, 0,
                          "[client] attempting connection to %s ...\n", &chosen);
    if (fd < 0)
        give_up("[client] failed to connect", 1);
    printf("[client] connected to %s\n", show(chosen->ai_addr));
    freeaddrinfo(list);
    printf("what to send to the server?\n");
    ssize_t length = getline(&line, &room, stdin);
    if (length < 0)
        give_up("simplestreamclient: no message on standard input", 1);
    if (line[length - 1] == '\n')
        line[--length] = '\0';
    send_all(fd, line, (size_t)length);
    printf("[client] sent '%s'\n", line);
    ssize_t size = recv(fd, answer, sizeof answer - 1, 0);
    if (size < 0)
        fail("recv");
    printf("[client] received '%.*s'\n", (int)size, answer);
    free(line);
    close(fd);
    return 0;
}
