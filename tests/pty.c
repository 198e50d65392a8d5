/* Runs a program on a terminal of its own and does what a script on standard input says, as a
 * person would: types, waits, and looks at the screen. For tests of what depends on a terminal.
 *
 *     pty COLUMNS ROWS PROGRAM [ARGUMENT...] <SCRIPT
 *
 * A line of the script is a word and its argument; \r \t \e \\ and \ooo stand for bytes:
 *
 *     send TEXT      types it
 *     see TEXT       waits until a row of the screen contains it
 *     row TEXT       … is it
 *     cursor TEXT    … where the cursor stands is it
 *     none TEXT      no row contains it, now
 *     clear          forgets what is on the screen
 *     show           prints the screen, up to the last row with text
 *     size C R       changes the window
 *     colors 0|1     whether there were colours so far
 *     many N TEXT    types it N times
 *     line TEXT      types a line, and waits for the next prompt
 *     time N MS TEXT types a line N times, waits for the prompt each time, and says what that took;
 *                    the median must be at most MS
 *     within MS      how long the lines that follow may wait; 5000 at first
 *     sleep MS
 *     exit CODE      waits for the end of the program
 *
 * A program that stops itself (Ctrl-Z) is told to go on after `[stopped]` was printed. The exit
 * status is 0 if all came as it should; else the line that failed and the screen are printed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

enum { ROWS_MOST = 100, COLUMNS_MOST = 200, TEXT_MOST = 1 << 16 };

/* ---- a screen: as much of a VT100 as line editing needs ---- */

static wchar_t cells[ROWS_MOST][COLUMNS_MOST]; /* 0: empty, or the right half of a wide one */
static int n_rows, n_columns, row, column;
static int colors, prompts; /* sequences that set colours, and those that begin a line to edit */
static bool full; /* the last column was written: the next character goes to the next row */

static void scroll(void)
{
    memmove(cells[0], cells[1], sizeof cells[0] * (size_t)(n_rows - 1));
    memset(cells[n_rows - 1], 0, sizeof cells[0]);
}

static void next_row(void)
{
    if (row + 1 < n_rows)
        row++;
    else
        scroll();
}

static void put(wchar_t c)
{
    const int width = wcwidth(c);
    if (width <= 0)
        return;
    if (full || column + width > n_columns) {
        column = 0;
        next_row();
    }
    cells[row][column] = c;
    if (width == 2)
        cells[row][column + 1] = 0;
    column += width;
    full = column >= n_columns;
    if (full)
        column = n_columns - 1;
}

static void erase(int from_row, int from_column, int to_row, int to_column)
{
    for (int i = from_row * n_columns + from_column; i < to_row * n_columns + to_column; i++)
        cells[i / n_columns][i % n_columns] = 0;
}

static void shift(int n)
{
    for (int i = 0; i < n_columns - column; i++) {
        const int to = n > 0 ? n_columns - 1 - i : column + i;
        const int from = to - n;
        const bool inside = from >= column && from < n_columns;
        cells[row][to] = inside ? cells[row][from] : 0;
    }
}

static int clamp(int n, int most) { return n < 0 ? 0 : n > most ? most : n; }

static void control(char last, const int *numbers)
{
    const int n = numbers[0] ? numbers[0] : 1;
    full = false;
    switch (last) {
    case 'A':
        row = clamp(row - n, n_rows - 1);
        break;
    case 'B':
        row = clamp(row + n, n_rows - 1);
        break;
    case 'C':
        column = clamp(column + n, n_columns - 1);
        break;
    case 'D':
        column = clamp(column - n, n_columns - 1);
        break;
    case 'G':
        column = clamp(n - 1, n_columns - 1);
        break;
    case 'H':
        row = clamp(n - 1, n_rows - 1);
        column = clamp(numbers[1] - 1, n_columns - 1);
        break;
    case 'J':
        erase(numbers[0] == 2 ? 0 : row, numbers[0] == 2 ? 0 : column, n_rows - 1, n_columns);
        break;
    case 'K':
        erase(row, column, row, n_columns);
        break;
    case '@':
        shift(n);
        break;
    case 'P':
        shift(-n);
        break;
    case 'm':
        colors++;
        break;
    case 'h':
        prompts += numbers[0] == 2004; /* pastes are to be marked */
        break;
    default: /* other modes */
        break;
    }
}

/* Bytes come in pieces of any size, so what was begun is kept between them. */
static void take_byte(unsigned char c)
{
    static enum { TEXT, ESCAPE, SEQUENCE, SKIP_ONE } state;
    static int numbers[8];
    static size_t n;
    static mbstate_t letters;
    wchar_t wide;
    const char byte = (char)c;
    if (state == ESCAPE) {
        state = c == '[' ? SEQUENCE : c == '(' ? SKIP_ONE : TEXT;
        memset(numbers, 0, sizeof numbers);
        n = 0;
    } else if (state == SKIP_ONE)
        state = TEXT;
    else if (state == SEQUENCE) {
        if (c >= '0' && c <= '9')
            numbers[n] = numbers[n] * 10 + (c - '0');
        else if (c == ';')
            n = (n + 1) % 8;
        else if (c >= 0x40) {
            control((char)c, numbers);
            state = TEXT;
        }
    } else if (c == 27)
        state = ESCAPE;
    else if (c == '\r' || c == '\b' || c == '\n' || c == '\t') {
        full = false;
        column = c == '\r' ? 0 : c == '\b' ? clamp(column - 1, n_columns) : column;
        if (c == '\t')
            column = clamp((column / 8 + 1) * 8, n_columns - 1);
        if (c == '\n')
            next_row();
    } else if (c >= 0x20 && mbrtowc(&wide, &byte, 1, &letters) == 1)
        put(wide);
}

/* The text of a row without spaces at its end. */
static const char *row_text(int r)
{
    static char text[COLUMNS_MOST * MB_LEN_MAX + 1];
    size_t len = 0, end = 0;
    for (int i = 0; i < n_columns; i++) {
        const bool right_half = i > 0 && cells[r][i - 1] && wcwidth(cells[r][i - 1]) == 2;
        if (right_half)
            continue;
        const int n = wctomb(text + len, cells[r][i] ? cells[r][i] : L' ');
        len += n > 0 ? (size_t)n : 0;
        if (cells[r][i] && cells[r][i] != L' ')
            end = len;
    }
    text[end] = '\0';
    return text;
}

/* ---- the program and its terminal ---- */

static int master;
static pid_t leader;
static int status = -1; /* of the program; -1: it runs */

static void set_size(int fd, int columns, int rows)
{
    const struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    ioctl(fd, TIOCSWINSZ, &size);
    n_columns = columns < COLUMNS_MOST ? columns : COLUMNS_MOST;
    n_rows = rows < ROWS_MOST ? rows : ROWS_MOST;
    row = clamp(row, n_rows - 1);
    column = clamp(column, n_columns - 1);
}

/* What a shell does: the program has the terminal, and what stops is told to go on. */
static int lead(char **words)
{
    int state;
    const pid_t program = fork();
    if (program == 0) {
        setpgid(0, 0);
        tcsetpgrp(STDIN_FILENO, getpid());
        signal(SIGTTOU, SIG_DFL);
        execvp(words[0], words);
        _exit(127);
    }
    setpgid(program, program);
    while (waitpid(program, &state, WUNTRACED) > 0 && WIFSTOPPED(state)) {
        tcsetpgrp(STDIN_FILENO, getpgrp());
        printf("[stopped]\n");
        fflush(stdout);
        tcsetpgrp(STDIN_FILENO, program);
        kill(-program, SIGCONT);
    }
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

static bool start(char **words)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        return false;
    const char *const name = ptsname(master);
    leader = name ? fork() : -1;
    if (leader != 0)
        return leader > 0;
    setsid();
    const int slave = open(name, O_RDWR);
    set_size(slave, n_columns, n_rows);
    signal(SIGTTOU, SIG_IGN);
    for (int fd = 0; fd < 3; fd++)
        dup2(slave, fd);
    close(master);
    close(slave);
    _exit(lead(words));
}

/* Milliseconds. */
static double now_exactly(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static long now(void) { return (long)now_exactly(); }

/* What the program writes within `wait` milliseconds, or less when something comes. */
static void listen(int wait)
{
    unsigned char bytes[4096];
    struct pollfd from = {.fd = master, .events = POLLIN};
    if (poll(&from, 1, wait) <= 0)
        return;
    const ssize_t n = read(master, bytes, sizeof bytes);
    for (ssize_t i = 0; i < n; i++)
        take_byte(bytes[i]);
    if (n <= 0) { /* the other end is closed */
        int state = 0;
        if (status < 0 && waitpid(leader, &state, 0) > 0)
            status = WIFEXITED(state) ? WEXITSTATUS(state) : 128;
    }
}

/* A terminal takes so much at a time; what comes back must be read meanwhile. */
static void type(const char *text, size_t len)
{
    fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK);
    for (size_t at = 0; at < len && status < 0;) {
        const ssize_t n = write(master, text + at, len - at);
        at += n > 0 ? (size_t)n : 0;
        if (n < 0 && errno != EAGAIN)
            return;
        listen(n < 0 ? 10 : 0);
    }
}

/* ---- the script ---- */

static size_t unescape(const char *text, char *out)
{
    size_t n = 0;
    for (; *text && n + 1 < TEXT_MOST; text++) {
        if (*text != '\\') {
            out[n++] = *text;
            continue;
        }
        const char c = *++text;
        if (c >= '0' && c <= '7') {
            char *end;
            const char digits[4] = {c, text[1], text[1] ? text[2] : 0, 0};
            out[n++] = (char)strtol(digits, &end, 8);
            text += end - digits - 1;
        } else
            out[n++] = (char)(c == 'r' ? '\r' : c == 't' ? '\t' : c == 'e' ? 27 : c);
    }
    out[n] = '\0';
    return n;
}

typedef bool check(const char *text);

static bool has(const char *text)
{
    for (int r = 0; r < n_rows; r++)
        if (strstr(row_text(r), text))
            return true;
    return false;
}

static bool is_row(const char *text)
{
    for (int r = 0; r < n_rows; r++)
        if (strcmp(row_text(r), text) == 0)
            return true;
    return false;
}

static bool is_cursor(const char *text) { return strcmp(row_text(row), text) == 0; }
static bool has_not(const char *text) { return !has(text); }

static bool wait_for(check *done, const char *text, long within)
{
    const long until = now() + within;
    while (!done(text) && now() < until && status < 0)
        listen(20);
    return done(text);
}

static bool wait_for_exit(int code, long within)
{
    const long until = now() + within;
    while (status < 0 && now() < until)
        listen(20);
    return status == code;
}

static void type_many(const char *argument)
{
    static char text[TEXT_MOST];
    char *rest;
    const long n = strtol(argument, &rest, 10);
    const size_t len = unescape(rest + (*rest == ' '), text);
    for (long i = 0; i < n; i++)
        type(text, len);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The answer is there when the next line is asked for. */
static bool type_line(const char *text, size_t len, long within)
{
    const int before = prompts;
    const double start = now_exactly();
    type(text, len);
    while (prompts == before && status < 0 && now_exactly() - start < (double)within)
        listen(100);
    return prompts != before;
}

static bool time_lines(const char *argument)
{
    static char text[TEXT_MOST];
    static double took[10000];
    char *rest;
    const long asked = strtol(argument, &rest, 10), n = asked < 10000 ? asked : 10000;
    const double most = strtod(rest, &rest);
    const size_t len = unescape(rest + (*rest == ' '), text);
    text[len] = '\r';
    for (long i = 0; i < n; i++) {
        const double start = now_exactly();
        type_line(text, len + 1, 10000);
        took[i] = now_exactly() - start;
    }
    if (n < 1)
        return false;
    const double first = took[0];
    qsort(took, (size_t)n, sizeof *took, compare);
    printf("%s: first %.2f ms, median %.2f ms, 99 of 100 %.2f ms\n", rest + 1, first, took[n / 2],
           took[n * 99 / 100]);
    return took[n / 2] <= most;
}

static void show(void)
{
    int last = n_rows - 1;
    while (last > 0 && !*row_text(last))
        last--;
    for (int r = 0; r <= last; r++)
        printf("%s\n", row_text(r));
}

static bool run_line(const char *word, const char *argument)
{
    static char text[TEXT_MOST];
    static long within = 5000;
    int columns, rows;
    const size_t len = unescape(argument, text);
    if (strcmp(word, "many") == 0)
        type_many(argument);
    else if (strcmp(word, "time") == 0)
        return time_lines(argument);
    else if (strcmp(word, "colors") == 0)
        return (colors > 0) == (*text == '1');
    else if (strcmp(word, "send") == 0)
        type(text, len);
    else if (strcmp(word, "line") == 0) {
        text[len] = '\r';
        return type_line(text, len + 1, within);
    } else if (strcmp(word, "show") == 0)
        show();
    else if (strcmp(word, "see") == 0)
        return wait_for(has, text, within);
    else if (strcmp(word, "row") == 0)
        return wait_for(is_row, text, within);
    else if (strcmp(word, "cursor") == 0)
        return wait_for(is_cursor, text, within);
    else if (strcmp(word, "none") == 0)
        return has_not(text);
    else if (strcmp(word, "exit") == 0)
        return wait_for_exit(atoi(text), within);
    else if (strcmp(word, "within") == 0)
        within = atol(text);
    else if (strcmp(word, "sleep") == 0)
        for (const long until = now() + atol(text); now() < until;)
            listen(10);
    else if (strcmp(word, "clear") == 0)
        erase(0, 0, row, 0);
    else if (strcmp(word, "size") == 0 && sscanf(text, "%d %d", &columns, &rows) == 2)
        set_size(master, columns, rows);
    else
        return false;
    return true;
}

static void print_screen(int number, const char *line)
{
    printf("script line %d fails: %s\n", number, line);
    for (int r = 0; r < n_rows; r++)
        if (*row_text(r))
            printf("    |%s\n", row_text(r));
    printf("the cursor is in column %d of `%s`\n", column, row_text(row));
}

static bool run_script(void)
{
    static char line[TEXT_MOST];
    for (int number = 1; fgets(line, sizeof line, stdin); number++) {
        line[strcspn(line, "\n")] = '\0';
        char *const space = strchr(line, ' ');
        if (!*line || *line == '#')
            continue;
        if (space)
            *space = '\0';
        const bool fine = run_line(line, space ? space + 1 : "");
        if (space)
            *space = ' ';
        if (!fine) {
            print_screen(number, line);
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    if (!setlocale(LC_CTYPE, "C.UTF-8") || argc < 4)
        return 2;
    n_columns = clamp(atoi(argv[1]), COLUMNS_MOST);
    n_rows = clamp(atoi(argv[2]), ROWS_MOST);
    signal(SIGPIPE, SIG_IGN);
    if (!start(argv + 3)) {
        perror("pty");
        return 2;
    }
    const bool fine = run_script();
    close(master); /* hangs the program up */
    return fine ? 0 : 1;
}
