// What the shop sells. The API imports this file too: a price is never taken from a browser.
export const products = [
  {
    id: 'cup',
    name: 'Cup',
    cents: 1800,
    text: 'Stoneware, glazed inside, bare outside. Holds three deciliters and its own temperature.',
    facts: ['Stoneware', '0.3 l', 'Goes into the dishwasher'],
  },
  {
    id: 'lamp',
    name: 'Desk lamp',
    cents: 12900,
    text: 'One dome, one stem, one warm light. It is switched by a tap on the foot and remembers how bright it was.',
    facts: ['Powder-coated steel', '2700 K', '1.8 m of cable'],
  },
  {
    id: 'clock',
    name: 'Wall clock',
    cents: 7400,
    text: 'Four marks are enough to read the time from across a room. The movement makes no sound.',
    facts: ['Aluminium and glass', '⌀ 28 cm', 'One AA battery'],
  },
  {
    id: 'stool',
    name: 'Stool',
    cents: 14900,
    text: 'Three legs never wobble. Oiled oak that looks better after ten years than on the first day.',
    facts: ['Solid oak', '45 cm high', 'Carries 120 kg'],
  },
  {
    id: 'vase',
    name: 'Vase for one',
    cents: 3900,
    text: 'Made for a single stem, so that you look at it. The neck holds it upright without a frog.',
    facts: ['Porcelain', '19 cm high', 'Thrown by hand'],
  },
  {
    id: 'kettle',
    name: 'Kettle',
    cents: 8900,
    text: 'Boils a liter in four minutes on any stove and pours without a drop next to the cup.',
    facts: ['Enamelled steel', '1.2 l', 'Induction, gas, electric'],
  },
  {
    id: 'notebook',
    name: 'Notebook',
    cents: 1400,
    text: 'Lies flat on every page. 160 of them, dotted, thick enough for a fountain pen.',
    facts: ['100 g paper', 'A5', 'Thread-bound'],
  },
  {
    id: 'radio',
    name: 'Kitchen radio',
    cents: 16900,
    text: 'Two knobs: how loud, and which station. It runs for twenty hours without a socket.',
    facts: ['FM and DAB+', 'Beech and cotton', '20 h battery'],
  },
  {
    id: 'bag',
    name: 'Market bag',
    cents: 2600,
    text: 'Heavy canvas and handles that fit over a winter coat. It stands by itself while you fill it.',
    facts: ['Organic cotton', '18 l', 'Machine-washable'],
  },
]

export const findProduct = (id) => products.find((product) => product.id === id)

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

export const price = (cents) => euros.format(cents / 100)
