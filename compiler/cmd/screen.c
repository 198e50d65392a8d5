/* What there is to write on: a terminal or not, its letters, colours and size. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "compiler/cmd/answer.h"

enum { WIDTH = 80, HEIGHT = 24 };

/* Programs are UTF-8, whatever the environment says; where it says otherwise, letters can be edited
 * all the same, but pictures are not sent. Numbers are read and printed without a locale. */
static bool set_letters(void)
{
    const bool said = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (!said && !setlocale(LC_CTYPE, "C.UTF-8"))
        setlocale(LC_CTYPE, "en_US.UTF-8");
    return said;
}

static uint32_t clamp(uint32_t n, uint32_t otherwise)
{
    return n == 0 ? otherwise : n < 10 ? 10 : n > 1000 ? 1000 : n;
}

void cmd_screen_measure(cmd_screen *screen)
{
    struct winsize size = {0};
    if (screen->terminal && ioctl(screen->fd, TIOCGWINSZ, &size) != 0)
        size = (struct winsize){0};
    screen->width = clamp(size.ws_col, WIDTH);
    screen->height = clamp(size.ws_row, HEIGHT);
}

cmd_screen cmd_screen_look(const cmd *c) { return cmd_screen_of(&c->out); }

cmd_screen cmd_screen_of(const cmd_stream *stream)
{
    const char *const kind = getenv("TERM");
    const bool moves = kind && *kind && strcmp(kind, "dumb") != 0;
    cmd_screen screen = {.terminal = stream->fd >= 0 && isatty(stream->fd), .fd = stream->fd};
    screen.moves = screen.terminal && moves;
    screen.unicode = set_letters() && screen.moves;
    screen.color = screen.terminal && stream->color;
    cmd_screen_measure(&screen);
    return screen;
}
