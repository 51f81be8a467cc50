/* Colors over a photo of 8 bits, by a table of what each level over each other is: exact
 * by construction, whatever arithmetic made the table, and no slower than four doubles at a
 * time. One file for all ISAs: what takes the time is loads. */
#include "kernels.h"

void tc_blend(const uint8_t *rgba, const uint8_t *photo, int components, const uint8_t *restrict mixed, uint8_t *out,
              size_t count)
{
    const int step = components == 4 ? 4 : 3;             /* of out */
    const int g = components == 1 ? 0 : 1, b = 2 * g;     /* where the photo's green and blue are */
    for (; count > 0; count--, rgba += 4, photo += components, out += step) {
        /* All are read before one is written: out may be the photo. */
        uint8_t red = photo[0], green = photo[g], blue = photo[b], alpha = photo[components - 1];
        if (rgba[3]) {
            red = mixed[rgba[0] << 8 | red];
            green = mixed[rgba[1] << 8 | green];
            blue = mixed[rgba[2] << 8 | blue];
        }
        out[0] = red;
        out[1] = green;
        out[2] = blue;
        if (components == 4)
            out[3] = alpha;
    }
}
